"""Changes of homes in words, for the page and for a spreadsheet."""

from collections.abc import Iterator
from dataclasses import dataclass

from directory.choosing.changes.values import Area, Difference, HomeChange, Kind, What
from directory.country.authorities.service import authority_name
from directory.exports import Cell
from directory.homes.labels import NAME_UNKNOWN, day
from directory.web.wording import at

KINDS: dict[Kind, str] = {
    "closed": "Closed",
    "changed": "Changed",
    "back": "Listed again",
    "new": "New",
}
COLOURS: dict[Kind, str] = {"closed": "red", "changed": "yellow", "back": "blue", "new": "green"}
AREAS: dict[Area, str] = {
    "everywhere": "All of England",
    "near": "Our area and around it",
    "here": "Our area",
}
HEADINGS = ("URN", "Name", "Authority", "Change", "What", "Before", "Now", "List of", "Seen by")

_WHATS: dict[What, str] = {
    "judgement": "Ofsted judgement",
    "status": "Status",
    "places": "Places",
    "provider": "Provider",
    "authority": "Authority",
    "reorganised": "Authority, merged or divided",
}
_NOTHING: dict[What, str] = {"judgement": "Not yet judged", "places": "Not listed"}
_NEW_MEANS = "On the list for the first time."
_CLOSED_MEANS = "No longer on the list. Ask the home before you rely on it."
_BACK_MEANS = "On the list again, after one on which it was not."


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A home on the page: its tag, where it stands, and what changed, a sentence each."""

    id: int
    urn: str
    title: str
    tag: str
    colour: str
    where: str
    said: list[str]
    seen: str


def lines(found: list[HomeChange]) -> list[ChangeLine]:
    """Each change as the page shows it."""
    return [
        ChangeLine(
            id=one.id,
            urn=one.urn,
            title=f"{one.name or NAME_UNKNOWN}, URN {one.urn}",
            tag=KINDS[one.kind],
            colour=COLOURS[one.kind],
            where=_where(one),
            said=list(_sentences(one)),
            seen=f"Seen by {one.seen_by}, {at(one.seen_at)}" if one.seen_at else "",
        )
        for one in found
    ]


def cells(one: HomeChange) -> Iterator[tuple[Cell, ...]]:
    """A row for each difference, or one where there is none."""
    known = (one.urn, one.name, _authority(one), KINDS[one.kind])
    for difference in one.differences or (None,):
        what = (
            (_WHATS[difference.what], difference.before, difference.after)
            if difference
            else (None, None, None)
        )
        yield (*known, *what, one.as_at, one.seen_by)


def _where(one: HomeChange) -> str:
    listed = f"List of {day(one.as_at)}" if one.as_at else "A list without a date"
    return f"{_authority(one)}. {listed}."


def _authority(one: HomeChange) -> str:
    return authority_name(one.authority) if one.authority else "Authority not known"


def _sentences(one: HomeChange) -> Iterator[str]:
    means = {"new": _NEW_MEANS, "closed": _CLOSED_MEANS, "back": _BACK_MEANS}.get(one.kind)
    if means:
        yield means
    for difference in one.differences:
        yield _sentence(difference)
    if one.kind == "changed" and not one.differences:
        yield "Something else than is shown here."


def _sentence(difference: Difference) -> str:
    nothing = _NOTHING.get(difference.what, "Nothing")
    before, after = (
        nothing if said is None else str(said) for said in (difference.before, difference.after)
    )
    return f"{_WHATS[difference.what]}: {before} before, now {after}."
