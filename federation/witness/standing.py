"""How it stands with each witness of our log: for people to see."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from federation import tables
from protocols.charter import Charter


@dataclass(frozen=True, slots=True)
class WitnessStanding:
    """A witness of the charter's committee: how much of our log it has cosigned, when (by its own
    clock), and why it does not now, and since when.
    """

    name: str
    url: str | None
    size: int
    cosigned_at: datetime | None
    trouble: str | None
    trouble_since: datetime | None


def witness_standings(connection: Connection, charter: Charter) -> list[WitnessStanding]:
    """Every witness of the committee, also one that was never asked; none without a committee."""
    rows = {row.key: row for row in connection.execute(select(tables.cosigner))}
    standings = []
    for witness in charter.committee.witnesses if charter.committee else ():
        row = rows.get(witness.cosigner.key.kid)
        known = (row.size, row.cosigned_at, row.trouble, row.trouble_since) if row else None
        standings.append(
            WitnessStanding(witness.name, witness.url, *(known or (0, None, None, None)))
        )
    return standings


def waits_since(connection: Connection) -> datetime | None:
    """Since when a checkpoint of our log has waited for its quorum; None when none does."""
    since: datetime | None = connection.scalar(select(tables.unpublished.c.signed_at))
    return since
