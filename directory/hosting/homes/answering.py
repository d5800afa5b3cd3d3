"""The side that is asked for a notice: a placing authority of a child in another's area, or the
staff of a home. Each answers by one click, or by the notice itself.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from directory.hosting.homes.errors import NoSuchAsking, NotTaken
from directory.hosting.homes.models import resident_asked, resident_asking
from directory.hosting.homes.saying import why
from directory.privacy.restricting.children import marks_by_initials
from directory.privacy.restricting.closing import require_child_open
from directory.providers.vouching.models import provider_home
from directory.providers.vouching.running import RunHome
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, NoSuchMember, queue
from protocols.residents import (
    HomeNoticeAsking,
    PlacementAsking,
    ResidentAnswer,
    Said,
    decode_resident_body,
    encode_resident_body,
)

MOST_WAITING = 200
KEPT_AFTER = timedelta(days=90)
SAYS: dict[str, Said] = {"follows": "follows", "unknown": "unknown"}
"""What can be answered, as addresses name it."""
_TABLE = "resident_asked"
_asked = resident_asked.c


@dataclass(frozen=True, slots=True)
class AskedHere:
    """That an authority asks for a notice, without of whom."""

    number: str
    area: str
    came_at: datetime
    said: Said | None
    answered_by: str | None
    answered_at: datetime | None


def take_asked(
    connection: Connection,
    node: Node,
    body: PlacementAsking | HomeNoticeAsking,
    *,
    asking: str,
    area: str,
    authority: str,
) -> None:
    """Keep what the authority of an area asks. Raises NotTaken where it asks of a home that does
    not stand there, or where too much waits.
    """
    claim = body.claim if isinstance(body, HomeNoticeAsking) else None
    if claim and not connection.scalar(
        select(provider_home.c.id).where(
            provider_home.c.id == claim,
            provider_home.c.through == authority,
            provider_home.c.authority == area,
            provider_home.c.state == "confirmed",
        )
    ):
        raise NotTaken("No home in that area is run from here by such a claim")
    waits = (_asked.area == area) & (_asked.authority == authority) & _asked.said.is_(None)
    if (connection.scalar(select(func.count()).where(waits)) or 0) >= MOST_WAITING:
        raise NotTaken("Too much that was asked waits here already. Call")
    number = token_hex(16)
    connection.execute(
        insert(resident_asked).values(
            number=number,
            area=area,
            id=asking,
            authority=authority,
            claim=claim,
            body=Vault(connection, node).seal(_TABLE, "body", number, encode_resident_body(body)),
            came_at=node.now(),
        )
    )


def asked_of_authority(connection: Connection, who: Principal, authority: str) -> list[AskedHere]:
    """What others ask of an authority's own children, those that wait first. Raises NotAllowed."""
    require(who, Action.LIST_SENT_NOTICES, authority)
    return _listed(connection, (_asked.authority == authority) & _asked.claim.is_(None))


def count_asked_here(connection: Connection, who: Principal, authority: str) -> int:
    """How many wait for an answer. Raises NotAllowed."""
    return sum(one.said is None for one in asked_of_authority(connection, who, authority))


def read_asked(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, reason: str
) -> tuple[AskedHere, PlacementAsking]:
    """All of it; the look is in the audit. Raises NotAllowed, ReasonWanted, NoSuchAsking,
    Restricted.
    """
    require(who, Action.READ_SENT_NOTICES, authority, reason)
    known = [one for one in asked_of_authority(connection, who, authority) if one.number == number]
    if not known:
        raise NoSuchAsking("Nobody has asked so")
    body = _open(connection, node, [number])[number]
    if not isinstance(body, PlacementAsking):
        raise NoSuchAsking("Nobody has asked so")
    _require_open(connection, node, who, authority, number, body)
    _note(connection, node, who, Action.READ_SENT_NOTICES, authority, number, reason=reason)
    return known[0], body


def answer_asked(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, said: Said
) -> None:
    """Say that a notice follows, or that no such child is theirs.

    Raises NotAllowed, NoSuchAsking, Restricted.
    """
    require(who, Action.SEND_NOTICES, authority)
    _require_open(
        connection, node, who, authority, number, _open(connection, node, [number]).get(number)
    )
    mine = (_asked.authority == authority) & _asked.claim.is_(None)
    _answer(connection, node, who, mine, number, said)
    _note(connection, node, who, Action.SEND_NOTICES, authority, number, detail=said)


def asked_of_home(
    connection: Connection, node: Node, home: RunHome
) -> list[tuple[AskedHere, HomeNoticeAsking]]:
    """What its staff have not answered yet. Whether they run it, `providers.running` has said."""
    waiting = _listed(connection, (_asked.claim == home.claim) & _asked.said.is_(None))
    bodies = _open(connection, node, [one.number for one in waiting])
    return [
        (one, body)
        for one in waiting
        if isinstance(body := bodies.get(one.number), HomeNoticeAsking)
    ]


def answer_for_home(
    connection: Connection, node: Node, who: Principal, home: RunHome, number: str, said: Said
) -> None:
    """The same, of a home. Raises NotAllowed, NoSuchAsking."""
    require(who, Action.LOOK_AFTER_RESIDENTS)
    _answer(connection, node, who, _asked.claim == home.claim, number, said)
    through = home.workplace.through
    _note(connection, node, who, Action.LOOK_AFTER_RESIDENTS, through, number, detail=said)


def forget_asked(connection: Connection, node: Node) -> int:
    """Let go of what was answered long ago."""
    over = connection.scalars(
        select(_asked.number).where(_asked.answered_at < node.now() - KEPT_AFTER)
    ).all()
    connection.execute(delete(resident_asked).where(_asked.number.in_(over)))
    Vault(connection, node).destroy(_TABLE, over)
    return len(over)


def _require_open(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    body: object,
) -> None:
    if isinstance(body, PlacementAsking):
        child = marks_by_initials(body.initials, body.born_on)
        record = f"resident-asking/{number}"
        require_child_open(connection, node, who, authority, record, child)


def _listed(connection: Connection, which: ColumnElement[bool]) -> list[AskedHere]:
    names = [_asked[name] for name in AskedHere.__dataclass_fields__]
    order = (_asked.said.is_not(None), _asked.came_at.desc(), _asked.number)
    return [
        AskedHere(*row) for row in connection.execute(select(*names).where(which).order_by(*order))
    ]


def _open(connection: Connection, node: Node, numbers: list[str]) -> dict[str, object]:
    rows = connection.execute(select(_asked.number, _asked.body).where(_asked.number.in_(numbers)))
    opened = Vault(connection, node).open_all(
        _TABLE, "body", {row.number: row.body for row in rows}
    )
    return {number: decode_resident_body(body) for number, body in opened.items()}


def _answer(
    connection: Connection,
    node: Node,
    who: Principal,
    which: ColumnElement[bool],
    number: str,
    said: Said,
) -> None:
    now = node.now()
    row = connection.execute(
        update(resident_asked)
        .where(which, _asked.number == number, _asked.said.is_(None))
        .values(said=said, answered_by=who.name[:200], answered_at=now)
        .returning(_asked.id, _asked.area, _asked.authority)
    ).one_or_none()
    if row is None:
        raise NoSuchAsking("This was answered meanwhile")
    reason = why("resident-answer/1", row.authority)
    answer = ResidentAnswer(row.id, said, who.name[:200], now, **reason)
    if row.area in node.member.area:
        connection.execute(
            update(resident_asking)
            .where(resident_asking.c.id == row.id, resident_asking.c.area == row.area)
            .values(said=said, answered_by=who.name[:200], answered_at=now)
        )
        return
    with suppress(NoSuchMember):  # who has left the charter has nobody to be told
        queue(
            connection,
            node,
            sender=row.authority,
            recipient=row.area,
            body=encode_resident_body(answer),
        )


def _note(
    connection: Connection,
    node: Node,
    who: Principal,
    action: Action,
    authority: str,
    number: str,
    *,
    reason: str = "",
    detail: str = "",
) -> None:
    note(
        connection,
        node,
        who,
        action,
        authority=authority,
        record=f"resident-asking/{number}",
        reason=reason,
        detail=detail,
    )
