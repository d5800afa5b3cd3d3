"""Sending a notice, receiving it, acknowledging it: each in one transaction with its message.

Care Planning, Placement and Case Review (England) Regulations 2010, regulation 13(4): the placing
authority notifies the area authority before the placement, or within five working days of its
start in an emergency.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from directory.notices.errors import AlreadyAcknowledged, NoSuchNotice, UnreadableNotice
from directory.notices.models import received_notice, sent_notice
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


def read_notice(data: bytes) -> Notice:
    """A notice from JSON, as a person or a case system writes it. Raises UnreadableNotice."""
    try:
        return decode_json(data, Notice, "notice")
    except Malformed as error:
        raise UnreadableNotice(
            f"This is not a notice that can be sent: {error}. Nothing was sent."
        ) from None


def send_notice(
    connection: Connection, node: Node, notice: Notice, *, placing: str, area: str
) -> str:
    """Keep a notice and queue it, sealed, for the area authority; gives the message's id.

    `placing` and `area` are GSS codes. Raises federation's NoSuchMember.
    """
    body = encode_body(notice)
    message = queue(connection, node, sender=placing, recipient=area, body=body)
    connection.execute(
        insert(sent_notice).values(
            id=message,
            placing_authority=placing,
            area_authority=area,
            body=body,
            sent_at=node.now(),
        )
    )
    return message


def receive(connection: Connection, message: Message, now: datetime) -> None:
    """Store what a verified message says, and that it came `now`.

    Raises Malformed or UnknownSchema to refuse it.
    The first acknowledgement of a notice stands; one for a notice that we did not send to its
    signer is refused.
    """
    body = decode_body(bytes(message.body))
    if isinstance(body, Notice):
        connection.execute(
            insert(received_notice).values(
                id=message.id,
                placing_authority=message.sender,
                area_authority=message.recipient,
                body=bytes(message.body),
                received_at=now,
            )
        )
        return
    about = (
        (sent_notice.c.id == body.notice)
        & (sent_notice.c.placing_authority == message.recipient)
        & (sent_notice.c.area_authority == message.sender)
    )
    if connection.execute(select(sent_notice.c.id).where(about)).one_or_none() is None:
        raise Malformed("acknowledgement: of a notice that was not sent to this authority")
    connection.execute(
        update(sent_notice)
        .where(about, sent_notice.c.acknowledged_at.is_(None))
        .values(acknowledgement=bytes(message.body), acknowledged_at=body.acknowledged_at)
    )


def received(connection: Connection, area: str) -> list[Received]:
    """Notices to an authority, the latest first."""
    columns = [received_notice.c[name] for name in Received.__dataclass_fields__]
    rows = connection.execute(
        select(*columns)
        .where(received_notice.c.area_authority == area)
        .order_by(received_notice.c.received_at.desc(), received_notice.c.id)
    )
    return [Received(*row) for row in rows]


def read_received(connection: Connection, area: str, notice: str) -> Notice:
    """All of a notice to an authority. Raises NoSuchNotice."""
    body = decode_body(_received_row(connection, area, notice).body)
    if not isinstance(body, Notice):
        raise NoSuchNotice(f"{notice} is not a notice")
    return body


def acknowledge(
    connection: Connection, node: Node, *, area: str, notice: str, contact: Contact
) -> str:
    """Answer a notice with a person to call, and queue the answer; gives its message's id.

    Raises NoSuchNotice, AlreadyAcknowledged.
    """
    row = _received_row(connection, area, notice)
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
        .values(acknowledged_at=now, acknowledgement_message=message)
    )
    return message


def acknowledgement_of(connection: Connection, notice: str) -> Acknowledgement | None:
    """The area authority's answer to a notice that we sent; None while there is none."""
    data = connection.scalar(
        select(sent_notice.c.acknowledgement).where(sent_notice.c.id == notice)
    )
    body = decode_body(data) if data else None
    return body if isinstance(body, Acknowledgement) else None


def _received_row(connection: Connection, area: str, notice: str) -> Row[tuple[object, ...]]:
    row = connection.execute(
        select(received_notice).where(
            received_notice.c.id == notice, received_notice.c.area_authority == area
        )
    ).one_or_none()
    if row is None:
        raise NoSuchNotice(f"there is no notice {notice} to {area} here")
    return row
