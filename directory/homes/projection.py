"""From verified log entries to search tables: what a record means here.

Runs in the transaction that stores the entries. The rules:

- A home counts only in a log whose node serves the authority where it stands, and what an authority
  wants only in the log of a node that serves it. Anything else is set aside with the reason, and
  following goes on. What stood in an authority that was merged into one other stands there today.
- Of the records that one log holds of one URN, or one authority, the latest entry counts. So it is
  with profiles; a home's row holds what the profile in the same log says, whichever came first.
- A record of an unknown schema is kept by federation and read after an upgrade.
"""

import secrets
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from directory.choosing.commissioning.models import commissioning
from directory.country.authorities.errors import UnknownAuthority
from directory.country.authorities.former import former_of, standing_today, what_became
from directory.country.authorities.service import Authority, by_gss
from directory.homes.models import home, home_state, provider, quarantine
from directory.homes.profile_rows import add_profiles, drop_profiles, read_profiles
from directory.homes.said import Said, said_of
from directory.homes.text import add_words, delete_words, forget_deleted_words
from directory.homes.words import WordsRow
from directory.providers.diligence.models import check
from directory.providers.diligence.projection import add_checks
from directory.providers.statements.models import statement
from directory.providers.statements.projection import add_statements
from federation import (
    FollowedLog,
    as_rows,
    bulk_insert,
    in_parts,
    new_ids,
    read_entries,
)
from protocols.charter import Member
from protocols.commissioning import Commissioning
from protocols.diligence import Check
from protocols.following import VerifiedEntry
from protocols.profiles import Profile
from protocols.records import Home, Provider, Record
from protocols.statements import Statement

OUT_OF_AREA = "out of area"
UNKNOWN_AUTHORITY = "unknown authority"
_HOME = tuple(home.c.keys())


def project(
    connection: Connection, log: FollowedLog, member: Member, verified: Sequence[VerifiedEntry]
) -> None:
    """Bring the search tables up to these entries of one log."""
    read = [entry.entry for entry in verified if entry.entry is not None]
    passed = {index for entry in read for index in entry.earlier}
    undescribed = _drop(connection, log, passed)
    accepted, aside = _told_apart(log, member, verified)
    counting = [(entry, one) for entry, one in accepted if entry.index not in passed]
    profiles = {one.urn: entry for entry, one in counting if isinstance(one, Profile)}
    add_profiles(connection, log, profiles)
    homes = _held_homes(connection, log, undescribed | profiles.keys())
    for entry, one in accepted:
        if isinstance(one, Home) and (
            one.urn not in homes or homes[one.urn][0].index < entry.index
        ):
            homes[one.urn] = (entry, one)
    statements = [(entry, one) for entry, one in accepted if isinstance(one, Statement)]
    _add_homes(connection, log, homes, passed)
    add_statements(connection, log, statements, passed)
    checks = [(entry, one) for entry, one in accepted if isinstance(one, Check)]
    add_checks(connection, log, checks, passed)
    rows = [_provider_row(log, entry, one) for entry, one in counting if isinstance(one, Provider)]
    if rows:
        connection.execute(insert(provider), rows)
    wanted = {one.authority: entry for entry, one in accepted if isinstance(one, Commissioning)}
    _add_commissioning(connection, log, wanted, passed)
    aside = [one for one in aside if one["entry"] not in passed]
    if aside:
        connection.execute(insert(quarantine), aside)
    if homes or rows or wanted or passed:
        connection.execute(update(home_state).values(state=new_state()))
    # What these entries bring themselves, and erase again, has not come to the index.
    if any(e.op == "erase" and e.earlier[0] < verified[0].index for e in read):
        forget_deleted_words(connection)


def _told_apart(
    log: FollowedLog, member: Member, verified: Sequence[VerifiedEntry]
) -> tuple[list[tuple[VerifiedEntry, Record]], list[dict[str, object]]]:
    """The records that may count, and rows about those that are set aside."""
    accepted: list[tuple[VerifiedEntry, Record]] = []
    aside: list[dict[str, object]] = []
    area = member.area
    for entry in verified:
        if entry.unread is not None:
            reason = type(entry.unread).__name__
            aside.append(_aside(log, entry, reason, str(entry.unread)))
        if entry.record is None:
            continue
        try:
            accepted.append((entry, _accepted(entry.record, member.node, area)))
        except _SetAside as error:
            aside.append(_aside(log, entry, error.reason, str(error)))
    return accepted, aside


def new_state() -> int:
    """A name that no state of the search tables has had, also not in a copy of the database."""
    return secrets.randbits(63)


def is_in_area(record: Record, area: frozenset[str]) -> bool:
    """Whether a record is of an authority among these, or of none in particular."""
    return not isinstance(
        record, Home | Profile | Commissioning | Statement | Check
    ) or not area.isdisjoint({record.authority, standing_today(record.authority)})


class _SetAside(Exception):
    """A verified record that does not count. `reason` is a short code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def _accepted(record: Record, node: str, area: frozenset[str]) -> Record:
    if isinstance(record, Home | Profile | Commissioning | Statement | Check):
        former = former_of(record.authority)
        if former and len(former.successors) > 1:
            raise _SetAside(UNKNOWN_AUTHORITY, f"{what_became(former)}.")
        if not is_in_area(record, area):
            what = ""
            if isinstance(record, Home | Profile | Statement):
                what = f", where {record.urn} stands"
            raise _SetAside(OUT_OF_AREA, f"{node} does not serve {record.authority}{what}")
        try:
            by_gss(standing_today(record.authority))
        except UnknownAuthority as error:
            raise _SetAside(UNKNOWN_AUTHORITY, str(error)) from error
    return record


def _add_homes(
    connection: Connection,
    log: FollowedLog,
    homes: dict[str, tuple[VerifiedEntry, Home]],
    passed: set[int],
) -> None:
    """Add rows and full text; an older entry of the same URN in the same log gives way.

    So it does to one that was `passed`, by an entry that came with it: the outcome is the same
    however entries fall into batches.
    """
    if not homes:
        return
    held = _held(connection, log, homes)
    newer = {row.urn for row in held if row.entry > homes[row.urn][0].index}
    _delete_homes(connection, [row.id for row in held if row.urn not in newer])
    added = [one for urn, one in homes.items() if urn not in newer and one[0].index not in passed]
    described = read_profiles(connection, log, [one.urn for _, one in added])
    rows, words = [], []
    numbers = new_ids(connection, home, len(added))
    for number, (entry, one) in zip(numbers, added, strict=True):
        profiled, profile = described.get(one.urn, (None, None))
        authority, said = by_gss(standing_today(one.authority)), said_of(one, profile)
        rows.append(_home_row(number, log, entry, one, authority, profiled, said))
        words.append(_words_row(number, one, authority, said))
    bulk_insert(connection, home, _HOME, rows)
    add_words(connection, words)


def _add_commissioning(
    connection: Connection,
    log: FollowedLog,
    wanted: dict[str, VerifiedEntry],
    passed: set[int],
) -> None:
    """As homes: an older entry of the same authority in the same log gives way."""
    for authority, entry in wanted.items():
        mine = (commissioning.c.log == log.id) & (commissioning.c.authority == authority)
        newer = select(commissioning.c.entry).where(mine, commissioning.c.entry > entry.index)
        if connection.scalar(newer.limit(1)) is not None:
            continue
        connection.execute(delete(commissioning).where(mine))
        if entry.index not in passed and entry.entry:
            connection.execute(
                insert(commissioning).values(
                    log=log.id,
                    entry=entry.index,
                    authority=authority,
                    published_at=entry.entry.time,
                )
            )


def _held_homes(
    connection: Connection, log: FollowedLog, urns: set[str]
) -> dict[str, tuple[VerifiedEntry, Home]]:
    """The homes that are shown, of which something else is said now."""
    return {
        one.record.urn: (one, one.record)
        for part in in_parts([row.entry for row in _held(connection, log, urns)])
        for one in read_entries(connection, log.id, part)
        if isinstance(one.record, Home)
    }


def _held(
    connection: Connection, log: FollowedLog, urns: Collection[str]
) -> Sequence[Row[Any, Any, Any, Any]]:
    """What the search tables have from a log of the homes with these URNs: `id`, `urn`, `entry`.

    Asked for by URN alone: with the log in the question too, SQLite goes by that, and reads as many
    rows as the log has.
    """
    found = connection.execute(
        select(home.c.id, home.c.urn, home.c.entry, home.c.log).where(
            home.c.urn.in_(as_rows(connection, urns))
        )
    )
    return [row for row in found if row.log == log.id]


def _drop(connection: Connection, log: FollowedLog, entries: set[int]) -> set[str]:
    """Take out what later entries replace, retire or erase; the URNs of profiles among it."""
    undescribed: set[str] = set()
    tables: tuple[Table, ...] = (provider, commissioning, statement, check, quarantine)
    for part in in_parts(entries):
        ids = connection.scalars(
            select(home.c.id).where(home.c.log == log.id, home.c.entry.in_(part))
        ).all()
        _delete_homes(connection, ids)
        undescribed |= drop_profiles(connection, log, part)
        for table in tables:
            connection.execute(delete(table).where(table.c.log == log.id, table.c.entry.in_(part)))
    return undescribed


def _delete_homes(connection: Connection, ids: Sequence[int]) -> None:
    if ids:
        delete_words(connection, ids)
        connection.execute(delete(home).where(home.c.id.in_(ids)))


def _home_row(
    number: int,
    log: FollowedLog,
    entry: VerifiedEntry,
    one: Home,
    authority: Authority,
    profiled: int | None,
    said: Said | None,
) -> tuple[object, ...]:
    """The values of _HOME. `profiled` is the entry of its profile."""
    return (
        number,
        log.id,
        entry.index,
        one.urn,
        authority.gss,
        authority.name,
        authority.region,
        one.provision,
        one.judgement and one.judgement.overall,
        one.places,
        said is not None,
        profiled,
        said and " ".join(said.codes("yes")),
        said and " ".join(said.codes("partly")),
        said and " ".join(said.codes("no")),
        said and said.youngest,
        said and said.oldest,
        said and said.sex,
        entry.entry and entry.entry.time,
    )


def _words_row(number: int, one: Home, authority: Authority, said: Said | None) -> WordsRow:
    words = [one.urn, one.provision, one.sector, authority.region]
    if said:
        words.append(said.words)
    heading = " ".join(filter(None, (one.name, one.provider, authority.name)))
    return (number, heading, " ".join(words))


def _provider_row(log: FollowedLog, entry: VerifiedEntry, one: Provider) -> dict[str, object]:
    return {"log": log.id, "entry": entry.index, "name": one.name, "sector": one.sector}


def _aside(log: FollowedLog, entry: VerifiedEntry, reason: str, detail: str) -> dict[str, object]:
    return {"log": log.id, "entry": entry.index, "reason": reason, "detail": detail[:400]}
