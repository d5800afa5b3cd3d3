"""Partners as pages show them: what each was told, where that is, and who opened it."""

from collections.abc import Sequence
from dataclasses import dataclass

from directory.country.authorities.service import authority_name
from directory.hosting.partners.fields import FIELDS
from directory.hosting.partners.keeping import KINDS, Particulars
from directory.hosting.partners.telling import Told
from directory.notices.labels import reference
from directory.web.wording import at
from protocols.partners import Said

EVENTS = {
    "placed": "Told of the placement",
    "changed": "Told of a change",
    "ended": "Told that the placement has ended",
    "withdrawn": "Told that the notice is withdrawn",
}


@dataclass(frozen=True, slots=True)
class ToldLine:
    """What a partner was told of a notice: a tag in one of GOV.UK's colours, and sentences."""

    id: str
    notice: str
    reference: str
    partner: str
    event: str
    tag: str
    colour: str
    said: Sequence[str]
    settled: bool


def told_lines(told: Sequence[Told]) -> list[ToldLine]:
    """What partners were told, each with where it is and who opened it."""
    return [_line(one) for one in told]


def way(one: Particulars) -> str:
    """How a partner is told."""
    if one.member:
        return f"Sealed, to the node of {authority_name(one.member)}"
    return f"A link by email to {one.email}"


def sees(one: Particulars) -> str:
    """What a partner may see, in words."""
    if not one.fields:
        return "Nothing, so it is told of nothing"
    return ", ".join(FIELDS.get(field, field) for field in one.fields)


def kind(one: Particulars) -> str:
    """What a partner is."""
    return KINDS.get(one.kind, one.kind)


def said_rows(said: Sequence[Said]) -> list[tuple[str, str]]:
    """Each field's name, or its code where this version does not know it, and what it says."""
    return [(FIELDS.get(one.field, one.field), one.text) for one in said]


def _line(one: Told) -> ToldLine:
    tag, colour, said = _where(one)
    said += [f"Opened by {opening.by} on {at(opening.at)}." for opening in one.openings]
    return ToldLine(
        one.id,
        one.notice,
        reference(one.notice),
        one.partner.name,
        EVENTS[one.event],
        tag,
        colour,
        said,
        one.state not in ("waiting", "failed") or not one.is_partner,
    )


def _where(one: Told) -> tuple[str, str, list[str]]:
    sent = [f"{way(one.partner)}, on {at(one.sent_at)}."] if one.sent_at else []
    if one.state == "told":
        return "Told by telephone", "green", [*sent, f"Noted by {one.told_by}."]
    if one.openings:
        return "Opened", "green", sent
    match one.state:
        case "failed":
            called = f"Call {one.partner.telephone}, or tell them again."
            return "Not reached", "red", [*sent, f"{one.problem}.", called]
        case "over":
            return "Stopped", "grey", ["It ended, or was withdrawn, before they were told."]
        case "waiting":
            why = f"{one.problem}. It is tried again by itself." if one.problem else ""
            return "Waiting", "yellow", [why or "It goes out within minutes."]
    return "Not yet opened", "blue", sent
