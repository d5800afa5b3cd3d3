"""What waits for release, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from directory.release.service import Change, Held
from directory.rights.principal import Principal
from directory.web.wording import at

_PLACES = {
    "name": "Name",
    "provider": "Provider",
    "source.name": "Source",
    "description.summary": "In the provider’s words",
}


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A text that changes: what it is, what stands there now, what is to stand there."""

    what: str
    before: str
    after: str


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
    name = one.record.name
    returned = f"By {one.returned_by}, {at(one.returned_at)}" if one.returned_at else ""
    return ReleaseCard(
        id=one.id,
        title=f"{name}, URN {one.record.urn}" if name else f"URN {one.record.urn}",
        handed_in=f"By {one.handed_in_name}, {at(one.handed_in_at)}",
        changes=[_row(change) for change in one.changes],
        own=one.handed_in_by == who.id,
        returned=returned,
        reason=one.reason,
    )


def _row(change: Change) -> ChangeRow:
    return ChangeRow(
        _PLACES.get(change.place, change.place), change.before or "Nothing yet", change.after
    )
