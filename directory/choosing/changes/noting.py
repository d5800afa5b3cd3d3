"""What an import has changed about children's homes, kept for the officers who have not seen it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, insert

from directory.choosing.changes.models import home_change
from directory.choosing.changes.values import Difference, Kind, What
from directory.records.ofsted.changes import Change, Changes
from directory.records.ofsted.service import ImportResult, registrations


def note_changes(
    connection: Connection, result: ImportResult, as_at: date | None, now: datetime
) -> int:
    """Keep what an import of that day's list changed, in the transaction of the import; gives of
    how many homes. The first list that a node takes changes nothing that anybody knew.
    """
    if not (result.changed or result.unchanged or result.left):
        return 0
    differences = _differences(result.changes)
    kinds: dict[str, Kind] = {
        **dict.fromkeys(differences, "changed"),
        **dict.fromkeys(result.changes.returned, "back"),
        **dict.fromkeys(result.changes.joined, "new"),
        **dict.fromkeys(result.changes.left, "closed"),
    }
    rows = [
        {
            "urn": one.urn,
            "kind": kinds[one.urn],
            "name": one.name,
            "authority": one.authority_gss,
            "differences": msgspec.json.encode(differences.get(one.urn, [])).decode(),
            "as_at": as_at,
            "noted_at": now,
        }
        for one in registrations(connection, kinds)
        if one.is_childrens_home
    ]
    if rows:
        connection.execute(insert(home_change), rows)
    return len(rows)


def _differences(changes: Changes) -> Mapping[str, list[Difference]]:
    """What differs, by URN. An owner that is only spelt otherwise is none."""
    renamed = [one for one in changes.owner if not one.spelling_only]
    found: dict[str, list[Difference]] = defaultdict(list)
    every: tuple[tuple[What, Sequence[Change]], ...] = (
        ("judgement", changes.judgement),
        ("status", changes.status),
        ("places", changes.places),
        ("provider", renamed),
        ("authority", changes.moves),
        ("reorganised", changes.reorganised),
    )
    for what, those in every:
        for one in those:
            found[one.urn].append(Difference(what, one.before, one.after))
    return found
