"""Items and checks as pages show them: never without whether they are still valid today."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from directory.country.authorities.service import authority_name
from directory.homes.facts import Fact
from directory.homes.labels import day
from directory.providers.diligence.checking import as_published
from directory.providers.diligence.items import Facts, Item, Subject
from directory.providers.diligence.kinds import called
from directory.providers.diligence.models import WAITING
from directory.providers.diligence.published import PublishedCheck, items_of, soon_or_over
from directory.web.wording import at, counted
from protocols.diligence import Check

_OUTCOMES = {
    "in-order": ("In order", "green"),
    "not-in-order": ("Not in order", "red"),
    "withdrawn": ("Check withdrawn", "grey"),
    WAITING: ("Waits to be checked", "yellow"),
}
_DID = {
    "in-order": "Checked",
    "not-in-order": "Checked, and not in order,",
    "withdrawn": "Check withdrawn",
}


def validity(valid_until: date | None, today: date) -> tuple[str, str]:
    """Until when, in words, and the colour of a tag where somebody has to act; no colour else."""
    match soon_or_over(valid_until, today):
        case "expired":
            return f"expired on {day(valid_until)}" if valid_until else "", "red"
        case "soon":
            left = (valid_until - today).days if valid_until else 0
            when = f"in {counted(left, 'day')}" if left else "today"
            return f"expires {when}, on {day(valid_until)}" if valid_until else "", "yellow"
    return (f"valid until {day(valid_until)}" if valid_until else "without an end"), ""


def in_words(one: Check, today: date) -> str:
    """Such as "Checked by Leeds on 3 May 2026, valid until 31 January 2027"."""
    said = f"{_DID[one.outcome]} by {authority_name(one.authority)} on {day(one.checked_on)}"
    if one.outcome != "in-order":
        return said
    return f"{said}, {validity(one.valid_until, today)[0]}"


def described(facts: Facts) -> str:
    """Who issued it, and its reference: "Hartwell Mutual, PL/204-77"."""
    return ", ".join(filter(None, (facts.issuer, facts.reference)))


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item, with what came of its check, and what to do about it."""

    id: str
    kind: str
    about: str
    described: str
    valid: str
    valid_colour: str
    state: str
    colour: str
    decided: str
    reason: str
    given: str
    seen: str
    is_waiting: bool
    has_file: bool


def item_line(one: Item, names: Mapping[str, str], today: date) -> ItemLine:
    """One of a provider's items; `names` are of homes by URN."""
    state, colour = _OUTCOMES[one.state]
    valid, valid_colour = validity(one.facts.valid_until, today)
    by = f"By {one.decided_by} on {at(one.decided_at)}" if one.decided_at else ""
    return ItemLine(
        id=one.id,
        kind=called(one.facts.kind),
        about=about(one.subject, names),
        described=described(one.facts),
        valid=valid,
        valid_colour=valid_colour,
        state=state,
        colour=colour,
        decided=by,
        reason=one.reason,
        given=f"Given by {one.entered_by} on {at(one.entered_at)}",
        seen=one.facts.seen,
        is_waiting=one.state == WAITING,
        has_file=one.has_file,
    )


def about(subject: Subject, names: Mapping[str, str]) -> str:
    """The provider, or one of its homes."""
    if subject.urn is None:
        return subject.workplace.provider
    return f"{names.get(subject.urn) or 'Home'}, URN {subject.urn}"


def key_of(subject: Subject) -> str:
    """What a form calls a subject."""
    return f"{subject.workplace.through}/{subject.urn or ''}/{subject.workplace.provider}"


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """An item as authorities have published it: what each found, and who can still check it."""

    id: str
    kind: str
    provider: str
    urn: str | None
    described: str
    colour: str
    said: list[str]
    seen: str
    checkers: frozenset[str]


def checked_items(checks: Collection[PublishedCheck], today: date) -> list[CheckedItem]:
    """The items of these checks. The facts are those of the check that was done last."""
    found = []
    for same in items_of(checks):
        last = max((one.record for one in same), key=lambda one: (one.checked_on, one.authority))
        item = as_published(last)
        found.append(
            CheckedItem(
                id=last.item,
                kind=called(last.kind),
                provider=last.provider,
                urn=last.urn,
                described=described(item.facts),
                colour=validity(last.valid_until, today)[1],
                said=[in_words(one.record, today) for one in same],
                seen=item.facts.seen,
                checkers=frozenset(
                    one.record.authority for one in same if one.record.outcome == "in-order"
                ),
            )
        )
    return found


def facts_of(checks: Iterable[PublishedCheck], today: date) -> list[Fact]:
    """Rows of a home's page: what was checked of it, and of its provider."""
    return [
        Fact(
            one.kind + ("" if one.urn else ", of the provider"),
            "; ".join(one.said),
            note=one.described,
        )
        for one in checked_items(list(checks), today)
    ]
