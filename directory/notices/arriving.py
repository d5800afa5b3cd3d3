"""What comes from other nodes: a notice or an answer, stored in the transaction of its receipt."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from directory.audit.service import note
from directory.notices.looking import received_record
from directory.notices.models import received_notice, sent_notice
from directory.rights.principal import Principal
from directory.vault.service import Vault
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
        record = received_record(message.sender, message.id)
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
