"""Restricting a record, and keeping it closed to everybody who is not named.

Whoever may open a record may restrict it, and name who may from then on. After that the names are
changed by who is named or by a governance officer, who never name themselves, and who is named may
lift it. All that is of the same child is closed with it (`closing`). Others see that there is a
restricted record, and whom to ask; systems and operators are nobody's name. It holds for partners'
pages as little as for what is destroyed when due.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from types import MappingProxyType

from sqlalchemy import Connection, Table, delete, insert, select, update

from directory.hosting.homes.models import home_notice
from directory.hosting.partners.models import told_to_us
from directory.notices.models import received_notice, sent_notice
from directory.placing.approvals.models import received_consultation
from directory.placing.register.models import placement
from directory.privacy.restricting.children import children_of
from directory.privacy.restricting.closing import require_child_open, standing
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
from federation import Node, hold

TABLE = "restriction"
_HELD: Mapping[str, tuple[tuple[Table, str, str], ...]] = MappingProxyType(
    {
        "notice": (
            (received_notice, "id", "area_authority"),
            (sent_notice, "id", "placing_authority"),
        ),
        "placement": ((placement, "id", "authority"),),
        "consultation": ((received_consultation, "id", "area_authority"),),
        "told": ((told_to_us, "id", "authority"),),
        "home-notice": ((home_notice, "number", "area"),),
    }
)
"""What can be restricted, by its kind: where it lies, its id, and whose it is."""
RECORD = re.compile(rf"(?:{'|'.join(_HELD)})/[0-9a-f]{{32}}")
_OPENING = (
    *(Action.READ_RECEIVED_NOTICES, Action.READ_SENT_NOTICES, Action.READ_PLACEMENTS),
    *(Action.READ_TOLD_TO_US, Action.EXPORT_SUBJECT),
)
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


def restricted_among(
    connection: Connection, authority: str, records: Collection[str]
) -> frozenset[str]:
    """Those of these records that are restricted, whoever asks."""
    return frozenset(row.record for row, _ in standing(connection, authority, records))


def named_in(connection: Connection, authority: str, record: str) -> frozenset[str]:
    """The ids of those who are named in a restricted record."""
    return frozenset(one for _, named in standing(connection, authority, [record]) for one in named)


def restrictions(
    connection: Connection, node: Node, who: Principal, authority: str
) -> list[Restriction]:
    """Every restriction that stands, the latest first. Raises NotAllowed."""
    require(who, Action.SEE_RESTRICTIONS, authority)
    found = standing(connection, authority)
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
    before = standing(connection, authority, [record])
    if not before and not may(who, Action.REVIEW_EMERGENCIES, authority):
        child = children_of(connection, node, authority, [record])[record]
        require_child_open(connection, node, who, authority, record, child)
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
    NoSuchRecord, Restricted, NotTheirs to who is not named: it would be open to them, too.
    """
    require(who, Action.RESTRICT_RECORDS, authority, reason)
    found = standing(connection, authority, [record])
    if not found:
        raise NoSuchRecord("This record is not restricted")
    row, named = found[0]
    _require_change(who, authority, record, named)
    if who.id not in named:
        raise NotTheirs("Somebody who is named lifts it. If nobody is here any more, name others")
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
    for table, key, ours in _HELD.get(kind, ()):
        held = (table.c[key] == number) & (table.c[ours] == authority)
        if connection.execute(select(table.c[key]).where(held).limit(1)).first():
            return
    raise NoSuchRecord("There is no such record of this authority")


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
