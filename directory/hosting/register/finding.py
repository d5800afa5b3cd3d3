"""Finding a missing child: by name, part of a name, date of birth or identifier.

Names stand in no index and no table: what every notice to the authority says of the child is
opened, thousands within a second, and held by nobody. That is read without keeping others from
writing; who is found is then opened and shown in the transaction that notes it.
"""

from collections.abc import Collection, Sequence

from msgspec import Struct
from msgspec.json import Decoder
from sqlalchemy import Connection, select, tuple_

from directory.hosting.register.listing import Key, asked_areas, note_shown, opened, opened_to
from directory.hosting.register.values import Resident
from directory.hosting.register.words import Sought
from directory.notices.entered import EnteredChild
from directory.notices.models import notice_event, received_notice
from directory.notices.records import received_record
from directory.security.rights.principal import Principal
from directory.security.vault.service import Vault
from federation import Node, in_parts
from protocols.notices import Child

MOST_SHOWN = 50
_AT_ONCE = 500
_notice = received_notice.c


class _Named(Struct):
    """Of a body, nothing but who the child is: the rest is not looked at."""

    child: EnteredChild


_NAMED = Decoder(_Named)


def look_for(
    connection: Connection,
    node: Node,
    who: Principal,
    areas: Collection[str],
    sought: Sought,
    reason: str,
) -> list[Key]:
    """The notices about those who may be meant: who lives here or will, the latest to come first,
    then those who have left; one more than MOST_SHOWN at most. Raises NotAllowed, ReasonWanted.
    """
    asked = asked_areas(who, areas, None, reason)
    rows = connection.execute(
        select(_notice.placing_authority, _notice.id)
        .where(_notice.area_authority.in_(asked))
        .order_by(
            _notice.withdrawn_at.is_not(None),
            _notice.ended_on.is_not(None),
            _notice.starts_on.desc(),
            _notice.id,
        )
    )
    keys = [(row.placing_authority, row.id) for row in rows]
    changed = _changed(connection, asked)
    found: list[Key] = []
    for start in range(0, len(keys), _AT_ONCE):
        found += _fitting(connection, node, keys[start : start + _AT_ONCE], changed, sought)
        if len(found) > MOST_SHOWN:
            break
    return found[: MOST_SHOWN + 1]


def show_found(
    connection: Connection,
    node: Node,
    who: Principal,
    areas: Collection[str],
    found: Sequence[Key],
    reason: str,
) -> list[Resident]:
    """Those who were found, and that they were shown in the audit of each area that was searched.

    Raises NotAllowed, ReasonWanted.
    """
    asked = asked_areas(who, areas, None, reason)
    shown = opened_to(connection, node, who, asked, found[:MOST_SHOWN])
    note_shown(connection, node, who, asked, reason, shown, "a search, found")
    return shown


def _changed(connection: Connection, areas: Sequence[str]) -> set[Key]:
    """The notices of which something was said later: of the child, perhaps."""
    rows = connection.execute(
        select(notice_event.c.placing_authority, notice_event.c.notice)
        .where(notice_event.c.area_authority.in_(areas), notice_event.c.side == "received")
        .distinct()
    )
    return {(row.placing_authority, row.notice) for row in rows}


def _fitting(
    connection: Connection,
    node: Node,
    keys: Sequence[Key],
    changed: Collection[Key],
    sought: Sought,
) -> list[Key]:
    sealed = {
        received_record(row.placing_authority, row.id): row.body
        for part in in_parts(keys)
        for row in connection.execute(
            select(_notice.placing_authority, _notice.id, _notice.body).where(
                tuple_(_notice.placing_authority, _notice.id).in_(part)
            )
        )
    }
    bodies = Vault(connection, node).open_all("received_notice", "body", sealed)
    since = opened(connection, node, [key for key in keys if key in changed])
    children = {record: _NAMED.decode(body).child for record, body in bodies.items()} | {
        received_record(one.placing_authority, one.id): one.says.child for one in since
    }
    return [
        key
        for key in keys
        if (child := children.get(received_record(*key))) is not None and _is(child, sought)
    ]


def _is(child: Child | EnteredChild, sought: Sought) -> bool:
    return sought.fits(f"{child.given_name} {child.family_name}", child.identifier, child.born_on)
