"""What is due to be destroyed of one authority's, and what a legal hold keeps all the same."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.country.reference.working_days import london_day
from directory.privacy.retention.holds import held_among
from directory.privacy.retention.records import CaseRecord, Kind, case_records, notices_of
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node


@dataclass(frozen=True, slots=True)
class Due:
    """What may be destroyed today: `records`. `held` would be due as well. `kept` is how many there
    are beside these, and `next_year` the year in which the next of them is due.
    """

    records: tuple[CaseRecord, ...]
    held: tuple[CaseRecord, ...]
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
    held |= _with_a_held_notice(connection, authority, over)
    later = [one.due for one in every if one.due is not None and one.due > today]
    return Due(
        records=tuple(one for one in over if one.record not in held),
        held=tuple(one for one in over if one.record in held),
        kept=len(every) - len(over),
        next_year=min(later).year if later else None,
    )


def _with_a_held_notice(connection: Connection, authority: str, over: list[CaseRecord]) -> set[str]:
    """A child in the register stays with a notice of theirs that is held, and theirs with them."""
    found: set[str] = set()
    for one in (one for one in over if one.kind is Kind.CHILD):
        family = {one.record} | {f"notice/{n}" for n in notices_of(connection, one.id)}
        if held_among(connection, authority, family):
            found |= family
    return found
