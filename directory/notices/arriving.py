"""What comes from other nodes: a notice or an answer, stored in the transaction of its receipt."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from directory.intake.attachments.arrived import look_into
from directory.notices.looking import seal_attachments
from directory.notices.models import received_notice, sent_notice
from directory.notices.records import received_record
from directory.security.audit.arriving import note_arrival
from directory.security.vault.service import Vault
from federation import Node
from protocols.errors import Malformed
from protocols.messages import Message
from protocols.notices import Notice, decode_body


def receive(connection: Connection, node: Node, message: Message, now: datetime) -> None:
    """Store what a verified message says, and that it came `now`.

    Raises Malformed or UnknownSchema to refuse it.
    The first acknowledgement of a notice stands; one for a notice that we did not send to its
    signer is refused.
    """
    body, raw = decode_body(bytes(message.body)), bytes(message.body)
    vault = Vault(connection, node)
    if isinstance(body, Notice):
        look_into(connection, message)
        record = received_record(message.sender, message.id)
        connection.execute(
            insert(received_notice).values(
                id=message.id,
                placing_authority=message.sender,
                area_authority=message.recipient,
                body=vault.seal("received_notice", "body", record, raw),
                attachments=seal_attachments(vault, "received_notice", record, message.attachments),
                received_at=now,
                urn=body.placement.urn,
                starts_on=body.placement.starts_on,
                setting=body.placement.setting,
            )
        )
        note_arrival(connection, node, message, "receive a notice", f"notice/{message.id}")
        return
    if message.attachments:
        raise Malformed("acknowledgement: comes with attachments")
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
            acknowledgement_message=message.id,
            acknowledged_at=body.acknowledged_at,
        )
    )
    note_arrival(connection, node, message, "receive an acknowledgement", f"notice/{body.notice}")
