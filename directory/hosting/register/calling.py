"""Whom to call about a child, and whom first: it depends on the hour."""

from dataclasses import dataclass
from datetime import datetime, time

from directory.country.reference.working_days import LONDON, is_working_day
from directory.country.rules.table import nation_of
from directory.notices.labels import CONTACTS
from directory.notices.now import Said
from protocols.notices import Contact

OFFICES_OPEN, OFFICES_CLOSE = time(9), time(17)


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to call, and what they are."""

    label: str
    contact: Contact


def calls(says: Said, placing: str, now: datetime) -> list[Call]:
    """Whom to call, first to last: the social worker while the placing authority's offices are
    open, and who answers out of hours while they are not. Empty where nobody is known.
    """
    there = now.astimezone(LONDON)
    office_hours = OFFICES_OPEN <= there.time() < OFFICES_CLOSE and is_working_day(
        there.date(), nation_of(placing)
    )
    order = ["social_worker", "out_of_hours", "reviewing_officer"]
    if not office_hours:
        order[:2] = reversed(order[:2])
    known = ((name, getattr(says, name)) for name in order)
    return [Call(CONTACTS[name], contact) for name, contact in known if contact]
