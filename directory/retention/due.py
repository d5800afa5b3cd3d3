"""What is due to be destroyed of one authority's, and what a legal hold keeps all the same."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time

from sqlalchemy import ColumnElement, Connection, String, cast, literal, select

from directory.audit.models import audit_row
from directory.reference.working_days import london_day
from directory.retention.holds import held_among
from directory.retention.records import CaseRecord, Kind, case_records
from directory.retention.schedule import reasons_since
from directory.rights.principal import Principal
from directory.rights.service import require
from directory.rights.table import Action
from directory.vault.models import data_key
from federation import Node


@dataclass(frozen=True, slots=True)
class Due:
    """What may be destroyed today: `records` and `reasons`, numbers of rows of the audit. `held`
    would be due as well. `kept` is how many records there are beside these, and `next_year` the
    year in which the next of them is due.
    """

    records: tuple[CaseRecord, ...]
    held: tuple[CaseRecord, ...]
    reasons: tuple[int, ...]
    kept: int
    next_year: int | None

    def counts(self) -> dict[Kind, int]:
        """How many records are due, of each kind."""
        counted = Counter(one.kind for one in self.records)
        return {kind: counted[kind] for kind in Kind}


def due(connection: Connection, node: Node, who: Principal, authority: str) -> Due:
    """What is due of one authority's, today. Raises NotAllowed, a VaultError."""
    require(who, Action.SEE_RETENTION, authority)
    today = london_day(node.now())
    every = list(case_records(connection, node, authority))
    over = [one for one in every if one.due is not None and one.due <= today]
    held = held_among(connection, authority, (one.record for one in over))
    later = [one.due for one in every if one.due is not None and one.due > today]
    return Due(
        records=tuple(one for one in over if one.record not in held),
        held=tuple(one for one in over if one.record in held),
        reasons=tuple(_reasons(connection, node, authority)),
        kept=len(every) - len(over),
        next_year=min(later).year if later else None,
    )


def _reasons(connection: Connection, node: Node, authority: str) -> list[int]:
    """Rows of the audit of an authority whose reasons are due and still open."""
    first = datetime.combine(reasons_since(london_day(node.now())), time.min, UTC)
    key: ColumnElement[str] = literal("audit_row/") + cast(audit_row.c.seq, String)
    rows = connection.execute(
        select(audit_row.c.seq, audit_row.c.record)
        .join(data_key, data_key.c.record == key)
        .where(
            audit_row.c.authority == authority,
            audit_row.c.at < first,
            audit_row.c.reason.is_not(None),
        )
    ).all()
    held = held_among(connection, authority, {row.record for row in rows})
    return [row.seq for row in rows if row.record not in held]
