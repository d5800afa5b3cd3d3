"""What comes from other nodes about consultations, stored in the transaction of its receipt."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from directory.placing.approvals.models import received_consultation, sent_consultation
from directory.security.audit.arriving import note_arrival
from directory.security.vault.service import Vault
from federation import Node
from protocols.consultations import Consultation, decode_consultation_body
from protocols.errors import Malformed
from protocols.messages import Message


def receive(connection: Connection, node: Node, message: Message, now: datetime) -> None:
    """Store what a verified message says. Raises Malformed to refuse it.

    The first answer stands; one to what we did not ask its signer is refused.
    """
    if message.attachments:
        raise Malformed("consultation: comes with attachments")
    raw = bytes(message.body)
    body = decode_consultation_body(raw)
    vault = Vault(connection, node)
    if isinstance(body, Consultation):
        record = f"{message.sender}/{message.id}"
        connection.execute(
            insert(received_consultation).values(
                id=message.id,
                placing_authority=message.sender,
                area_authority=message.recipient,
                body=vault.seal("received_consultation", "body", record, raw),
                received_at=now,
            )
        )
        note_arrival(
            connection, node, message, "receive a consultation", f"consultation/{message.id}"
        )
        return
    about = (
        (sent_consultation.c.id == body.consultation)
        & (sent_consultation.c.placing_authority == message.recipient)
        & (sent_consultation.c.area_authority == message.sender)
    )
    row = connection.execute(
        select(sent_consultation.c.answered_at).where(about).with_for_update()
    ).one_or_none()
    if row is None:
        raise Malformed("consultation-answer: to what was not asked of this authority")
    if row.answered_at is not None:
        return
    connection.execute(
        update(sent_consultation)
        .where(about)
        .values(
            answer=vault.seal("sent_consultation", "answer", body.consultation, raw),
            answered_at=body.answered_at,
        )
    )
    note_arrival(
        connection,
        node,
        message,
        "receive the answer to a consultation",
        f"consultation/{body.consultation}",
    )
