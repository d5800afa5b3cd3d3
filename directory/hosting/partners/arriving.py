"""What comes from other nodes: what we may see as a partner, and what partners of ours opened."""

from secrets import token_hex

from sqlalchemy import Connection, insert, select, update

from directory.hosting.partners.models import partner, partner_opening, partner_told, told_to_us
from directory.hosting.partners.told_to_us import TABLE, record_of
from directory.security.audit.arriving import note_arrival
from directory.security.vault.service import Vault
from federation import Node
from protocols.errors import Malformed
from protocols.messages import Message
from protocols.partners import PartnerNotice, PartnerReceipt, decode_partner_body


def receive(connection: Connection, node: Node, message: Message) -> None:
    """Store what a verified message says. Raises Malformed to refuse it."""
    if message.attachments:
        raise Malformed("message to a partner: comes with attachments")
    raw = bytes(message.body)
    body = decode_partner_body(raw)
    if isinstance(body, PartnerNotice):
        record = record_of(message.sender, message.id)
        connection.execute(
            insert(told_to_us).values(
                id=message.id,
                sender=message.sender,
                authority=message.recipient,
                notice=body.notice,
                event=body.event,
                body=Vault(connection, node).seal(TABLE, "body", record, raw),
                received_at=node.now(),
            )
        )
        note_arrival(
            connection, node, message, "receive what a partner may see", f"told/{message.id}"
        )
        return
    notice = _learn_opening(connection, message, body)
    note_arrival(connection, node, message, "receive that a partner opened", f"notice/{notice}")


def _learn_opening(connection: Connection, message: Message, body: PartnerReceipt) -> str:
    row = connection.execute(
        select(partner_told)
        .join(partner, partner.c.id == partner_told.c.partner)
        .where(
            partner_told.c.dispatch == body.told,
            partner_told.c.area_authority == message.recipient,
            partner.c.member == message.sender,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise Malformed("partner receipt: for what was not told to its sender")
    connection.execute(
        insert(partner_opening).values(
            id=token_hex(16), told=row.id, at=body.opened_at, by=body.opened_by[:200]
        )
    )
    connection.execute(
        update(partner_told)
        .where(partner_told.c.id == row.id)
        .values(
            opened_at=row.opened_at or body.opened_at,
            state="sent" if row.state == "failed" else row.state,
            problem=None,
        )
    )
    return str(row.notice)
