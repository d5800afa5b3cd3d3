"""How it stands with each witness of our log: for people to see."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from federation import tables
from protocols.charter import Charter
from protocols.keys import Purpose


@dataclass(frozen=True, slots=True)
class WitnessStanding:
    """A witness of the charter's committee: how much of our log it has cosigned, when (by its own
    clock), and why it does not now, and since when. `node` is the member that it is; None where it
    is none.
    """

    name: str
    url: str | None
    size: int
    cosigned_at: datetime | None
    trouble: str | None
    trouble_since: datetime | None
    node: str | None


def witness_standings(connection: Connection, charter: Charter) -> list[WitnessStanding]:
    """Every witness of the committee, also one that was never asked; none without a committee."""
    members = {
        key: member.node for member in charter.members for key in member.keys_for(Purpose.WITNESS)
    }
    rows = {row.key: row for row in connection.execute(select(tables.cosigner))}
    standings = []
    for witness in charter.committee.witnesses if charter.committee else ():
        row = rows.get(witness.cosigner.key.kid)
        standings.append(
            WitnessStanding(
                name=witness.name,
                url=witness.url,
                size=row.size if row else 0,
                cosigned_at=row.cosigned_at if row else None,
                trouble=row.trouble if row else None,
                trouble_since=row.trouble_since if row else None,
                node=members.get(witness.cosigner.key),
            )
        )
    return standings


def waits_since(connection: Connection) -> datetime | None:
    """Since when a checkpoint of our log has waited for its quorum; None when none does."""
    since: datetime | None = connection.scalar(select(tables.unpublished.c.signed_at))
    return since
