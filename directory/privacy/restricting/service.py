"""Restricting a record, and keeping it closed to everybody who is not named.

Whoever may open a record may restrict it, and name who may from then on. After that the names are
changed, and the restriction lifted, by who is named or by a governance officer, and nobody adds
themselves. Others see that there is a restricted record, and whom to ask; systems and operators
are nobody's name. It holds for partners' pages as little as for what is destroyed when due.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection, Row, delete, insert, select, update

from directory.notices.models import received_notice, sent_notice
from directory.placing.register.models import placement
from directory.privacy.restricting.errors import (
    NobodyNamed,
    NoSuchRecord,
    NotTheirs,
    Restricted,
)
from directory.privacy.restricting.models import restriction, restriction_named
from directory.security.audit.service import note
from directory.security.people.models import person, role_grant
from directory.security.rights.principal import Principal
from directory.security.rights.roles import Role
from directory.security.rights.service import may, require
from directory.security.rights.table import RIGHTS, Action
from directory.security.vault.service import Vault
from federation import Node, hold, in_parts

TABLE = "restriction"
RECORD = re.compile(r"(?:notice|placement)/[0-9a-f]{32}")
_OPENING = (Action.READ_RECEIVED_NOTICES, Action.READ_SENT_NOTICES, Action.READ_PLACEMENTS)
_OPENERS = frozenset(
    one for action in _OPENING for one in RIGHTS[action].holders if isinstance(one, Role)
) - {Role.OPERATOR}


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction that stands: `named` are ids and names. `reason` is empty for others."""

    id: str
    record: str
    named: Mapping[str, str]
    reason: str
    set_by: str
    set_at: datetime


def require_open(connection: Connection, who: Principal, authority: str, *records: str) -> None:
    """Raise Restricted if one of these records of an authority is closed to them."""
    for record, ask in closed_to(connection, who, authority, records).items():
        raise Restricted(authority, record, ask)


def closed_to(
    connection: Connection, who: Principal, authority: str, records: Collection[str] | None = None
) -> dict[str, tuple[str, ...]]:
    """Those of these records of an authority, or of all, that are closed to them, each with the
    names of whom to ask.
    """
    standing = _standing(connection, authority, records)
    return {
        row.record: tuple(sorted(named.values())) for row, named in standing if who.id not in named
    }


def restricted_among(
    connection: Connection, authority: str, records: Collection[str]
) -> frozenset[str]:
    """Those of these records that are restricted, whoever asks."""
    return frozenset(row.record for row, _ in _standing(connection, authority, records))


def named_in(connection: Connection, authority: str, record: str) -> frozenset[str]:
    """The ids of those who are named in a restricted record."""
    return frozenset(
        one for _, named in _standing(connection, authority, [record]) for one in named
    )


def restrictions(
    connection: Connection, node: Node, who: Principal, authority: str
) -> list[Restriction]:
    """Every restriction that stands, the latest first. Raises NotAllowed."""
    require(who, Action.SEE_RESTRICTIONS, authority)
    found = _standing(connection, authority, None)
    sealed = {row.id: row.reason for row, named in found if _may_change(who, authority, named)}
    opened = Vault(connection, node).open_all(TABLE, "reason", sealed)
    return [
        Restriction(
            row.id, row.record, named, opened.get(row.id, b"").decode(), row.set_by, row.set_at
        )
        for row, named in found
    ]


def who_could_open(connection: Connection, authority: str) -> dict[str, str]:
    """The people of an authority whose role opens records, by their ids, in order of names."""
    rows = connection.execute(
        select(person.c.id, person.c.name)
        .where(
            person.c.disabled_at.is_(None),
            person.c.id.in_(
                select(role_grant.c.person).where(
                    role_grant.c.authority == authority, role_grant.c.role.in_(_OPENERS)
                )
            ),
        )
        .order_by(person.c.name, person.c.id)
    )
    return {f"person:{row.id}": row.name for row in rows}


def restrict(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    record: str,
    named: Collection[str],
    reason: str,
) -> None:
    """Close a record to all but those named, by their ids, or say anew who they are. Raises
    NotAllowed, ReasonWanted, NoSuchRecord, NobodyNamed, NotTheirs, Restricted.
    """
    require(who, Action.RESTRICT_RECORDS, authority, reason)
    _require_there(connection, authority, record)
    people = who_could_open(connection, authority)
    chosen = {one: people[one] for one in named if one in people}
    if not chosen:
        raise NobodyNamed("Choose at least one person who may open the record")
    hold(connection, f"restriction {authority}/{record}")
    before = _standing(connection, authority, [record])
    if before:
        row, known = before[0]
        _require_change(who, authority, record, known)
        if who.id in chosen and who.id not in known:
            raise NotTheirs("Nobody names themselves. Ask somebody who is named to add you")
        number = row.id
        connection.execute(
            delete(restriction_named).where(restriction_named.c.restriction == number)
        )
    else:
        number = token_hex(16)
        sealed = Vault(connection, node).seal(TABLE, "reason", number, reason.strip().encode())
        connection.execute(
            insert(restriction).values(
                id=number,
                authority=authority,
                record=record,
                reason=sealed,
                set_by=who.name[:200],
                set_at=node.now(),
            )
        )
    connection.execute(
        insert(restriction_named),
        [{"restriction": number, "who": one, "name": name} for one, name in chosen.items()],
    )
    _note(connection, node, who, authority, record, reason, f"named: {', '.join(sorted(chosen))}")


def lift(
    connection: Connection, node: Node, who: Principal, authority: str, record: str, reason: str
) -> None:
    """Open a record again to everybody whose role opens it. Raises NotAllowed, ReasonWanted,
    NoSuchRecord, Restricted.
    """
    require(who, Action.RESTRICT_RECORDS, authority, reason)
    found = _standing(connection, authority, [record])
    if not found:
        raise NoSuchRecord("This record is not restricted")
    row, named = found[0]
    _require_change(who, authority, record, named)
    connection.execute(
        update(restriction)
        .where(restriction.c.id == row.id)
        .values(lifted_by=who.name[:200], lifted_at=node.now())
    )
    _note(connection, node, who, authority, record, reason, "lifted")


def _require_change(who: Principal, authority: str, record: str, named: Mapping[str, str]) -> None:
    if not _may_change(who, authority, named):
        raise Restricted(authority, record, tuple(sorted(named.values())))


def _may_change(who: Principal, authority: str, named: Mapping[str, str]) -> bool:
    return who.id in named or may(who, Action.REVIEW_EMERGENCIES, authority)


def _require_there(connection: Connection, authority: str, record: str) -> None:
    """Only what an authority holds can be restricted."""
    kind, _, number = record.partition("/")
    tables = {
        "notice": (
            select(received_notice.c.id).where(
                received_notice.c.id == number, received_notice.c.area_authority == authority
            ),
            select(sent_notice.c.id).where(
                sent_notice.c.id == number, sent_notice.c.placing_authority == authority
            ),
        ),
        "placement": (
            select(placement.c.id).where(
                placement.c.id == number, placement.c.authority == authority
            ),
        ),
    }
    if not any(connection.execute(one.limit(1)).first() for one in tables.get(kind, ())):
        raise NoSuchRecord("There is no such record of this authority")


def _standing(
    connection: Connection, authority: str, records: Collection[str] | None
) -> list[tuple[Row[*tuple[object, ...]], dict[str, str]]]:
    stands = (restriction.c.authority == authority) & restriction.c.lifted_at.is_(None)
    query = select(restriction).where(stands).order_by(restriction.c.set_at.desc())
    rows = [row for row in connection.execute(query) if records is None or row.record in records]
    named: dict[str, dict[str, str]] = {row.id: {} for row in rows}
    for part in in_parts(list(named)):
        for one in connection.execute(
            select(restriction_named).where(restriction_named.c.restriction.in_(part))
        ):
            named[one.restriction][one.who] = one.name
    return [(row, named[row.id]) for row in rows]


def _note(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    record: str,
    reason: str,
    detail: str,
) -> None:
    note(
        connection,
        node,
        who,
        Action.RESTRICT_RECORDS,
        authority=authority,
        record=record,
        reason=reason,
        detail=detail,
    )
