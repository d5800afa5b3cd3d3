"""What waits for release, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from directory.country.authorities.service import authority_name
from directory.country.codes.service import group_label
from directory.providers.statements.schedule import PARAGRAPHS
from directory.records.release.difference import Piece, difference
from directory.records.release.held import Held
from directory.records.release.texts import Change, Written
from directory.security.rights.principal import Principal
from directory.web.wording import at
from protocols.profiles import Profile
from protocols.records import Home
from protocols.statements import Statement

_PLACES = {
    "name": "Name",
    "provider": "Provider",
    "source.name": "Source",
    "description.summary": "In the provider’s words",
    "summary": "In the provider’s words",
    "notes": "More about",
    "referrals": "Contact for referrals",
    "notices": "Contact for notices",
    "statement": "Market position statement",
    "frameworks": "Framework",
    "calendar": "Calendar, entry",
    "purpose": "what it is for",
    "joining": "how to join",
    "address": "web address",
    "what": "what is planned",
}
"""What the places are called, whole or by their parts."""
_MATTERS: dict[str, str] = {one.matter: one.title for one in PARAGRAPHS}


LONG = 80
"""Characters from which on two texts are shown as one, with what differs."""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A text that changes: what it is, what stands there now, what is to stand there; and the
    difference, where it is a long one.
    """

    what: str
    before: str
    after: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class ReleaseCard:
    """A record that waits, or was returned: `state` says which. `own`: who looks has written it."""

    id: str
    title: str
    handed_in: str
    changes: list[ChangeRow]
    own: bool
    returned: str
    reason: str


def cards(held: Sequence[Held], who: Principal) -> list[ReleaseCard]:
    """What waits before what was returned."""
    shown = [_card(one, who) for one in held]
    return sorted(shown, key=lambda card: bool(card.returned))


def _card(one: Held, who: Principal) -> ReleaseCard:
    returned = f"By {one.returned_by}, {at(one.returned_at)}" if one.returned_at else ""
    return ReleaseCard(
        id=one.id,
        title=_title(one.record),
        handed_in=f"By {one.handed_in_name}, {at(one.handed_in_at)}",
        changes=[_row(change) for change in one.changes],
        own=one.handed_in_by == who.id,
        returned=returned,
        reason=one.reason,
    )


def _title(record: Written) -> str:
    if isinstance(record, Statement):
        return f"Statement of purpose, URN {record.urn}"
    if isinstance(record, Profile):
        return f"What URN {record.urn} offers"
    if not isinstance(record, Home):
        return f"What {authority_name(record.authority)} wants"
    return f"{record.name}, URN {record.urn}" if record.name else f"URN {record.urn}"


def _row(change: Change) -> ChangeRow:
    before = change.before or ""
    pieces = difference(before, change.after) if len(before) >= LONG else []
    return ChangeRow(_called(change.place), change.before or "Nothing yet", change.after, pieces)


def _called(place: str) -> str:
    """Such as "Framework 2: how to join", for `frameworks.2.joining`."""
    if place in _PLACES or "." not in place:
        return _PLACES.get(place, place)
    first, *numbers, last = place.split(".")
    if first == "sections":
        return _MATTERS[last]
    if first == "notes":
        return f"{_PLACES[first]}: {group_label(last)}"
    return f"{' '.join([_PLACES[first], *numbers])}: {_PLACES.get(last, last).lower()}"
