"""From verified log entries to search tables: what a record of a home or provider means here.

Runs in the transaction that stores the entries. The rules:

- A home counts only in a log whose node serves the authority where it stands. Anything else is set
  aside with the reason, and following goes on.
- Of the records that one log holds of one URN, the latest entry counts.
- A record of an unknown schema is kept by federation and read after an upgrade.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Table, delete, func, insert, select

from directory.authorities.errors import UnknownAuthority
from directory.authorities.service import by_gss
from directory.homes.labels import needs_of
from directory.homes.models import home, home_text, provider, quarantine
from federation import FollowedLog, bulk_insert
from protocols.charter import Member
from protocols.errors import Malformed, UnknownSchema
from protocols.following import VerifiedEntry
from protocols.records import Home, Provider, Record, decode_record

_HOME = tuple(home.c.keys())
_TEXT = tuple(home_text.c.keys())


def project(
    connection: Connection, log: FollowedLog, member: Member, verified: Sequence[VerifiedEntry]
) -> None:
    """Bring the search tables up to these entries of one log."""
    _drop(connection, log, (i for e in verified if e.entry is not None for i in e.entry.earlier))
    homes: dict[str, tuple[VerifiedEntry, Home]] = {}
    providers: list[tuple[VerifiedEntry, Provider]] = []
    aside: list[dict[str, object]] = []
    for entry in verified:
        if entry.record is None:
            continue
        try:
            record = _accepted(decode_record(bytes(entry.record)), member)
        except _SetAside as error:
            aside.append(_aside(log, entry, error.reason, str(error)))
        except (UnknownSchema, Malformed) as error:
            aside.append(_aside(log, entry, type(error).__name__, str(error)))
        else:
            if isinstance(record, Home):
                homes[record.urn] = (entry, record)
            else:
                providers.append((entry, record))
    _add_homes(connection, log, homes)
    if providers:
        connection.execute(insert(provider), [_provider_row(log, *one) for one in providers])
    if aside:
        connection.execute(insert(quarantine), aside)


class _SetAside(Exception):
    """A verified record that does not count. `reason` is a short code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def _accepted(record: Record, member: Member) -> Record:
    if isinstance(record, Home):
        if record.authority not in member.area:
            raise _SetAside(
                "out of area",
                f"{member.node} does not serve {record.authority}, where {record.urn} stands",
            )
        try:
            by_gss(record.authority)
        except UnknownAuthority as error:
            raise _SetAside("unknown authority", str(error)) from error
    return record


def _add_homes(
    connection: Connection, log: FollowedLog, homes: dict[str, tuple[VerifiedEntry, Home]]
) -> None:
    """Add rows and full text; an older entry of the same URN in the same log gives way."""
    if not homes:
        return
    held = connection.execute(
        select(home.c.id, home.c.urn, home.c.entry).where(
            home.c.log == log.id, home.c.urn.in_(homes)
        )
    ).all()
    newer = {row.urn for row in held if row.entry > homes[row.urn][0].index}
    _delete_homes(connection, [row.id for row in held if row.urn not in newer])
    first = (connection.scalar(select(func.max(home.c.id))) or 0) + 1
    added = [one for urn, one in homes.items() if urn not in newer]
    rows = [_home_row(number, log, *one) for number, one in enumerate(added, start=first)]
    texts = [_text_row(number, one) for number, (_, one) in enumerate(added, start=first)]
    bulk_insert(connection, home, _HOME, rows)
    bulk_insert(connection, home_text, _TEXT, texts)


def _drop(connection: Connection, log: FollowedLog, entries: Iterable[int]) -> None:
    """Take out what later entries replace, retire or erase."""
    named = set(entries)
    if not named:
        return
    ids = connection.scalars(
        select(home.c.id).where(home.c.log == log.id, home.c.entry.in_(named))
    ).all()
    _delete_homes(connection, ids)
    tables: tuple[Table, ...] = (provider, quarantine)
    for table in tables:
        connection.execute(delete(table).where(table.c.log == log.id, table.c.entry.in_(named)))


def _delete_homes(connection: Connection, ids: Sequence[int]) -> None:
    if ids:
        connection.execute(delete(home).where(home.c.id.in_(ids)))
        connection.execute(delete(home_text).where(home_text.c.rowid.in_(ids)))


def _home_row(number: int, log: FollowedLog, entry: VerifiedEntry, one: Home) -> tuple[object, ...]:
    """The values of _HOME."""
    authority = by_gss(one.authority)
    return (
        number,
        log.id,
        entry.index,
        one.urn,
        one.authority,
        authority.name,
        authority.region,
        one.provision,
        one.judgement and one.judgement.overall,
        one.places,
        one.description is not None,
        entry.entry and entry.entry.time,
    )


def _text_row(number: int, one: Home) -> tuple[object, ...]:
    """The values of _TEXT."""
    authority = by_gss(one.authority)
    words = [one.urn, one.provision, one.sector, authority.region]
    if what := one.description:
        words += [*needs_of(what), what.summary]
    heading = " ".join(filter(None, (one.name, one.provider, authority.name)))
    return (number, heading, " ".join(words))


def _provider_row(log: FollowedLog, entry: VerifiedEntry, one: Provider) -> dict[str, object]:
    return {"log": log.id, "entry": entry.index, "name": one.name, "sector": one.sector}


def _aside(log: FollowedLog, entry: VerifiedEntry, reason: str, detail: str) -> dict[str, object]:
    return {"log": log.id, "entry": entry.index, "reason": reason, "detail": detail[:400]}
