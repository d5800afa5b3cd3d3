"""Sending a notice, receiving it, acknowledging it: each in one transaction with its message.

What it says of a child is sealed before it reaches a table. Whoever asks is held to the table of
rights first, and every look and change is in the audit, in the same transaction: so a look needs
`writing`, too.

Care Planning, Placement and Case Review (England) Regulations 2010, regulation 13(4): the placing
authority notifies the area authority before the placement, or within five working days of its
start in an emergency.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Row, func, insert, select, update

from directory.audit.service import note
from directory.notices.errors import (
    AlreadyAcknowledged,
    AlreadySent,
    NoSuchNotice,
    UnreadableNotice,
)
from directory.notices.models import received_notice, sent_notice
from directory.rights.principal import Principal
from directory.rights.service import require
from directory.rights.table import Action
from directory.vault.service import Vault
from federation import Node, queue
from protocols.encoding import decode_json
from protocols.errors import Malformed
from protocols.messages import Message
from protocols.notices import Acknowledgement, Contact, Notice, decode_body, encode_body


@dataclass(frozen=True, slots=True)
class Received:
    """A notice that came, without what it says of the child."""

    id: str
    placing_authority: str
    area_authority: str
    received_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice that went out, without what it says of the child."""

    id: str
    placing_authority: str
    area_authority: str
    sent_at: datetime
    acknowledged_at: datetime | None


def read_notice(data: bytes) -> Notice:
    """A notice from JSON, as a person or a case system writes it. Raises UnreadableNotice."""
    try:
        return decode_json(data, Notice, "notice")
    except Malformed as error:
        raise UnreadableNotice(
            f"This is not a notice that can be sent: {error}. Nothing was sent."
        ) from None


def send_notice(
    connection: Connection,
    node: Node,
    who: Principal,
    notice: Notice,
    *,
    placing: str,
    area: str,
    form: str | None = None,
) -> str:
    """Keep a notice and queue it, sealed, for the area authority; gives the message's id.

    `placing` and `area` are GSS codes. `form` is what a form was given when it was first shown: one
    that the same person sends again gives the same message, and sends none. Raises NotAllowed,
    AlreadySent when the form said something else before, federation's NoSuchMember.
    """
    require(who, Action.SEND_NOTICES, placing)
    body = encode_body(notice)
    vault = Vault(connection, node)
    message = _id_for(form, who, placing) if form else None
    if message and (before := _sent_row(connection, placing, message)):
        if (before.area_authority, vault.open("sent_notice", "body", message, before.body)) != (
            area,
            body,
        ):
            raise AlreadySent(
                "This form was sent before, with other answers. Those went out, and these did not."
            )
        return message
    message = queue(connection, node, sender=placing, recipient=area, body=body, message=message)
    connection.execute(
        insert(sent_notice).values(
            id=message,
            placing_authority=placing,
            area_authority=area,
            body=vault.seal("sent_notice", "body", message, body),
            sent_at=node.now(),
        )
    )
    note(
        connection,
        node,
        who,
        Action.SEND_NOTICES,
        authority=placing,
        record=f"notice/{message}",
        detail=f"to {area}",
    )
    return message


def receive(connection: Connection, node: Node, message: Message, now: datetime) -> None:
    """Store what a verified message says, and that it came `now`.

    Raises Malformed or UnknownSchema to refuse it.
    The first acknowledgement of a notice stands; one for a notice that we did not send to its
    signer is refused.
    """
    body, raw = decode_body(bytes(message.body)), bytes(message.body)
    vault = Vault(connection, node)
    if isinstance(body, Notice):
        record = _received_record(message.sender, message.id)
        connection.execute(
            insert(received_notice).values(
                id=message.id,
                placing_authority=message.sender,
                area_authority=message.recipient,
                body=vault.seal("received_notice", "body", record, raw),
                received_at=now,
            )
        )
        _note_arrival(connection, node, message, "receive a notice", message.id)
        return
    about = (
        (sent_notice.c.id == body.notice)
        & (sent_notice.c.placing_authority == message.recipient)
        & (sent_notice.c.area_authority == message.sender)
    )
    sent_to_them = connection.execute(
        select(sent_notice.c.acknowledged_at).where(about).with_for_update()
    )
    if (row := sent_to_them.one_or_none()) is None:
        raise Malformed("acknowledgement: of a notice that was not sent to this authority")
    if row.acknowledged_at is not None:
        return
    connection.execute(
        update(sent_notice)
        .where(about)
        .values(
            acknowledgement=vault.seal("sent_notice", "acknowledgement", body.notice, raw),
            acknowledged_at=body.acknowledged_at,
        )
    )
    _note_arrival(connection, node, message, "receive an acknowledgement", body.notice)


def received(connection: Connection, who: Principal, area: str) -> list[Received]:
    """Notices to an authority, the latest first. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    columns = [received_notice.c[name] for name in Received.__dataclass_fields__]
    rows = connection.execute(
        select(*columns)
        .where(received_notice.c.area_authority == area)
        .order_by(received_notice.c.received_at.desc(), received_notice.c.id)
    )
    return [Received(*row) for row in rows]


def count_open(connection: Connection, who: Principal, area: str) -> int:
    """How many notices to an authority nobody has acknowledged yet. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    return (
        connection.scalar(
            select(func.count())
            .select_from(received_notice)
            .where(
                received_notice.c.area_authority == area,
                received_notice.c.acknowledged_at.is_(None),
            )
        )
        or 0
    )


def one_received(connection: Connection, who: Principal, *, area: str, notice: str) -> Received:
    """A notice to an authority, without the child. Raises NotAllowed, NoSuchNotice."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    row = _received_row(connection, area, notice)
    return Received(**{name: row._mapping[name] for name in Received.__dataclass_fields__})


def one_sent(connection: Connection, who: Principal, *, placing: str, notice: str) -> Sent:
    """A notice by an authority, without the child. Raises NotAllowed, NoSuchNotice."""
    require(who, Action.LIST_SENT_NOTICES, placing)
    row = _sent_row(connection, placing, notice)
    if row is None:
        raise NoSuchNotice(f"there is no notice {notice} by {placing} here")
    return Sent(**{name: row._mapping[name] for name in Sent.__dataclass_fields__})


def sent(connection: Connection, who: Principal, placing: str) -> list[Sent]:
    """Notices by an authority, the latest first. Raises NotAllowed."""
    require(who, Action.LIST_SENT_NOTICES, placing)
    columns = [sent_notice.c[name] for name in Sent.__dataclass_fields__]
    rows = connection.execute(
        select(*columns)
        .where(sent_notice.c.placing_authority == placing)
        .order_by(sent_notice.c.sent_at.desc(), sent_notice.c.id)
    )
    return [Sent(*row) for row in rows]


def read_received(
    connection: Connection, node: Node, who: Principal, *, area: str, notice: str, reason: str
) -> Notice:
    """All of a notice to an authority; the look is in the audit.

    Raises NotAllowed, ReasonWanted, NoSuchNotice, or a VaultError.
    """
    require(who, Action.READ_RECEIVED_NOTICES, area, reason)
    row = _received_row(connection, area, notice)
    record = _received_record(row.placing_authority, notice)
    body = Vault(connection, node).open("received_notice", "body", record, row.body)
    _note_look(connection, node, who, Action.READ_RECEIVED_NOTICES, area, notice, reason)
    return _as_notice(body)


def read_sent(
    connection: Connection, node: Node, who: Principal, *, placing: str, notice: str, reason: str
) -> Notice:
    """All of a notice that an authority sent; the look is in the audit. Raises as `read_received`
    does.
    """
    require(who, Action.READ_SENT_NOTICES, placing, reason)
    row = _sent_row(connection, placing, notice)
    if row is None:
        raise NoSuchNotice(f"there is no notice {notice} by {placing} here")
    body = Vault(connection, node).open("sent_notice", "body", notice, row.body)
    _note_look(connection, node, who, Action.READ_SENT_NOTICES, placing, notice, reason)
    return _as_notice(body)


def acknowledge(
    connection: Connection,
    node: Node,
    who: Principal,
    *,
    area: str,
    notice: str,
    contact: Contact,
) -> str:
    """Answer a notice with a person to call, and queue the answer; gives its message's id.

    Raises NotAllowed, NoSuchNotice, AlreadyAcknowledged.
    """
    require(who, Action.ACKNOWLEDGE_NOTICES, area)
    row = _received_row(connection, area, notice, change=True)
    if row.acknowledged_at is not None:
        raise AlreadyAcknowledged(f"notice {notice} was acknowledged before; nothing was sent")
    now = node.now()
    message = queue(
        connection,
        node,
        sender=area,
        recipient=row.placing_authority,
        body=encode_body(Acknowledgement(notice, contact, now)),
    )
    connection.execute(
        update(received_notice)
        .where(
            received_notice.c.id == notice,
            received_notice.c.placing_authority == row.placing_authority,
        )
        .values(
            acknowledged_at=now, acknowledged_by=who.name[:200], acknowledgement_message=message
        )
    )
    note(
        connection,
        node,
        who,
        Action.ACKNOWLEDGE_NOTICES,
        authority=area,
        record=f"notice/{notice}",
    )
    return message


def acknowledgement_of(
    connection: Connection, node: Node, who: Principal, *, placing: str, notice: str
) -> Acknowledgement | None:
    """The area authority's answer to a notice that we sent: whom to call there, and nothing about
    the child. None while there is none, or no more. Raises NotAllowed.
    """
    return acknowledgements_of(connection, node, who, placing=placing, notices=[notice]).get(notice)


def acknowledgements_of(
    connection: Connection, node: Node, who: Principal, *, placing: str, notices: Collection[str]
) -> dict[str, Acknowledgement]:
    """The answers to some of the notices that we sent, by the notice's id. Raises NotAllowed."""
    require(who, Action.LIST_SENT_NOTICES, placing)
    rows = connection.execute(
        select(sent_notice.c.id, sent_notice.c.acknowledgement).where(
            sent_notice.c.id.in_(notices),
            sent_notice.c.placing_authority == placing,
            sent_notice.c.acknowledgement.is_not(None),
        )
    )
    sealed = {row.id: row.acknowledgement for row in rows}
    opened = Vault(connection, node).open_all("sent_notice", "acknowledgement", sealed)
    bodies = {notice: decode_body(data) for notice, data in opened.items()}
    return {one: body for one, body in bodies.items() if isinstance(body, Acknowledgement)}


def erase_notice(
    connection: Connection, node: Node, who: Principal, *, authority: str, notice: str, reason: str
) -> None:
    """Destroy what a notice to or by an authority says, for good, here and in every backup.

    When it came, from whom and to whom stays, and so does the audit. What is still on its way
    arrives, and what the other authority holds is theirs. Raises NotAllowed, ReasonWanted,
    NoSuchNotice. After the commit, `federation.forget_deleted`.
    """
    require(who, Action.ERASE_NOTICES, authority, reason)
    came = connection.scalars(
        select(received_notice.c.placing_authority).where(
            received_notice.c.id == notice, received_notice.c.area_authority == authority
        )
    ).all()
    went = connection.scalars(
        select(sent_notice.c.id).where(
            sent_notice.c.id == notice, sent_notice.c.placing_authority == authority
        )
    ).all()
    if not (came or went):
        raise NoSuchNotice(f"there is no notice {notice} to or by {authority} here")
    _note_look(connection, node, who, Action.ERASE_NOTICES, authority, notice, reason)
    vault = Vault(connection, node)
    vault.destroy("received_notice", [_received_record(placing, notice) for placing in came])
    vault.destroy("sent_notice", went)


def _as_notice(data: bytes) -> Notice:
    body = decode_body(data)
    if not isinstance(body, Notice):
        raise NoSuchNotice("what is kept under this id is not a notice")
    return body


def _id_for(form: str, who: Principal, placing: str) -> str:
    """The message's id that a form leads to. Only its own sender can meet it again."""
    return sha256("\n".join(("form", who.id, placing, form)).encode()).hexdigest()[:32]


def _sent_row(connection: Connection, placing: str, notice: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(
        select(sent_notice).where(
            sent_notice.c.id == notice, sent_notice.c.placing_authority == placing
        )
    ).one_or_none()


def _received_record(placing: str, notice: str) -> str:
    """What the vault knows a received notice by: ids are the sender's own."""
    return f"{placing}/{notice}"


def _received_row(
    connection: Connection, area: str, notice: str, *, change: bool = False
) -> Row[tuple[object, ...]]:
    """A notice that came; `change` keeps others from changing it, too, in this transaction."""
    found = select(received_notice).where(
        received_notice.c.id == notice, received_notice.c.area_authority == area
    )
    row = connection.execute(found.with_for_update() if change else found).one_or_none()
    if row is None:
        raise NoSuchNotice(f"there is no notice {notice} to {area} here")
    return row


def _note_look(
    connection: Connection,
    node: Node,
    who: Principal,
    action: Action,
    authority: str,
    notice: str,
    reason: str,
) -> None:
    record = f"notice/{notice}"
    note(connection, node, who, action, authority=authority, record=record, reason=reason)


def _note_arrival(
    connection: Connection, node: Node, message: Message, action: str, notice: str
) -> None:
    """What came did so without anybody here: the audit names the node that serves its sender."""
    serving = node.charter.serving(message.sender)
    name = serving[0].node if serving else "unknown"
    note(
        connection,
        node,
        Principal(f"node:{name}", name, frozenset()),
        action,
        authority=message.recipient,
        record=f"notice/{notice}",
        detail=f"from {message.sender}",
    )
