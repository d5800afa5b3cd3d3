"""The review of what was opened in an emergency: a worklist that is closed with findings.

By a governance officer or the duty lead, on the next working day, and never by who looked.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select, update

from directory.privacy.emergencies.errors import NotToReview
from directory.privacy.emergencies.models import emergency_look
from directory.privacy.emergencies.opening import TABLE
from directory.security.audit.service import note
from directory.security.rights.errors import ReasonWanted
from directory.security.rights.principal import Principal
from directory.security.rights.service import LONGEST_REASON, SHORTEST_REASON, require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node

FINDINGS = {
    "needed": "It was an emergency, and the look was needed",
    "not-needed": "It was not needed, and they were spoken to",
    "taken-further": "It was not justified, and is taken further",
}
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Look:
    """A look in an emergency. `reason` and `said` are None where they were destroyed."""

    id: str
    record: str
    who: str
    name: str
    reason: str | None
    at: datetime
    review_by: date
    finding: str | None
    said: str | None
    reviewed_by: str | None
    reviewed_at: datetime | None


def looks(connection: Connection, node: Node, who: Principal, authority: str) -> list[Look]:
    """Looks at an authority's records: those to be reviewed, the oldest first, then the latest that
    were. Raises NotAllowed.
    """
    require(who, Action.REVIEW_EMERGENCIES, authority)
    rows = connection.execute(
        select(emergency_look)
        .where(emergency_look.c.authority == authority)
        .order_by(
            emergency_look.c.reviewed_at.is_not(None),
            emergency_look.c.reviewed_at.desc(),
            emergency_look.c.at,
        )
        .limit(MOST_SHOWN)
    ).all()
    vault = Vault(connection, node)
    reasons = vault.open_all(TABLE, "reason", {row.id: row.reason for row in rows})
    said = vault.open_all(TABLE, "said", {row.id: row.said for row in rows if row.said})
    shown = [name for name in Look.__dataclass_fields__ if name not in ("reason", "said")]
    return [
        Look(
            **{name: row._mapping[name] for name in shown},
            reason=_text(reasons.get(row.id)),
            said=_text(said.get(row.id)),
        )
        for row in rows
    ]


def count_to_review(
    connection: Connection, who: Principal, authority: str, today: date
) -> tuple[int, int]:
    """How many looks wait for their review, and of how many it is overdue. Raises NotAllowed."""
    require(who, Action.REVIEW_EMERGENCIES, authority)
    waits = (emergency_look.c.authority == authority) & emergency_look.c.reviewed_at.is_(None)
    counted = select(func.count()).select_from(emergency_look)
    late = counted.where(waits, emergency_look.c.review_by < today)
    return connection.scalar(counted.where(waits)) or 0, connection.scalar(late) or 0


def close_review(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    look: str,
    finding: str,
    said: str,
) -> None:
    """Close the review of a look with a finding. Raises NotAllowed, ReasonWanted, NotToReview."""
    require(who, Action.REVIEW_EMERGENCIES, authority)
    if finding not in FINDINGS:
        raise NotToReview("Choose what you found")
    if not SHORTEST_REASON <= len(said.strip()) <= LONGEST_REASON:
        raise ReasonWanted(
            f"Say what you found in {SHORTEST_REASON} to {LONGEST_REASON} characters"
        )
    sealed = Vault(connection, node).seal(TABLE, "said", look, said.strip().encode())
    closed = connection.execute(
        update(emergency_look)
        .where(
            emergency_look.c.id == look,
            emergency_look.c.authority == authority,
            emergency_look.c.reviewed_at.is_(None),
            emergency_look.c.who != who.id,
        )
        .values(finding=finding, said=sealed, reviewed_by=who.name[:200], reviewed_at=node.now())
    )
    if closed.rowcount != 1:
        raise NotToReview("This look was reviewed before, or is your own, which others review")
    note(
        connection,
        node,
        who,
        Action.REVIEW_EMERGENCIES,
        authority=authority,
        record=f"emergency/{look}",
        reason=said,
        detail=finding,
    )


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode()
