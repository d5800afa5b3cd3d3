"""Messages that arrive: verified, stored, and only then answered with a signed receipt."""

from sqlalchemy import Connection, insert, select

from federation import tables
from federation.chunks.incoming import claim_chunks
from federation.database import writing
from federation.errors import NoSuchMember
from federation.locks import hold
from federation.node import Node
from protocols import errors
from protocols.charter import Member
from protocols.keys import PrivateKey, Purpose
from protocols.messages import (
    OpenedMessage,
    check_sender,
    check_time,
    open_message,
    sealed_digest,
)
from protocols.receipts import Reason, Receipt, sign_receipt

_REASONS: dict[type[errors.ProtocolError], Reason] = {
    errors.Malformed: "malformed",
    errors.UnknownKey: "unknown-key",
    errors.BadSignature: "bad-signature",
    errors.NotForUs: "not-for-us",
    errors.WrongSender: "wrong-sender",
    errors.Expired: "expired",
    errors.IdReused: "id-reused",
    errors.UnknownSchema: "unknown-schema",
}


def receive(node: Node, recipient: str, sender: Member, sealed: bytes) -> str:
    """Take in a sealed message that a member delivers to an authority; gives the signed receipt.

    The receipt says `stored` when the message is verified, decrypted and on disk: the same answer,
    and no second row, for every repetition. For everything else it says `refused`, and why.
    Raises NoSuchMember when this node does not serve the recipient; and what is no refusal:
    protocols' NotYet when the message comes from the future, ChunksMissing when its attachments
    have not come yet.
    """
    if recipient not in node.member.area:
        raise NoSuchMember(f"this node does not serve {recipient}")
    opened: OpenedMessage | None = None
    try:
        opened = open_message(
            sealed,
            recipient=recipient,
            sealing_key=lambda kid: _own_sealing_key(node, recipient, kid),
            signing_key=lambda gss, kid: node.charter.authority_keys(gss, Purpose.SIGNING).get(kid),
        )
        check_sender(opened.message, sender.area)
        with writing(node.node_db) as connection:
            return _store(connection, node, sender, opened, sealed)
    except errors.NotYet:
        raise
    except errors.ProtocolError as error:
        # Who delivers another's message is not told what only its author and we can know.
        their_own = not isinstance(error, errors.WrongSender)
        digest = opened.signed_digest if opened and their_own else None
        return _answer(node, recipient, sealed, digest, _REASONS[type(error)])


def _store(
    connection: Connection, node: Node, sender: Member, opened: OpenedMessage, sealed: bytes
) -> str:
    message = opened.message
    hold(connection, f"inbox {message.sender} {message.id}")
    before = connection.execute(
        select(tables.inbox.c.signed_digest, tables.inbox.c.receipt).where(
            tables.inbox.c.sender == message.sender, tables.inbox.c.id == message.id
        )
    ).one_or_none()
    if before and before.signed_digest == opened.signed_digest:
        return str(before.receipt)
    if before:
        raise errors.IdReused("message: this id was used before, with other content")
    now = node.now()
    check_time(message, now)
    if message.attachments:
        claim_chunks(connection, sender, message)
    receipt = _answer(node, message.recipient, sealed, opened.signed_digest, None)
    connection.execute(
        insert(tables.inbox).values(
            sender=message.sender,
            id=message.id,
            recipient=message.recipient,
            signed_digest=opened.signed_digest,
            received_at=now,
            receipt=receipt,
        )
    )
    node.receive(connection, node, message, now)
    return receipt


def _own_sealing_key(node: Node, recipient: str, kid: str) -> PrivateKey | None:
    """Also one that the charter names no more: what was under way when it was replaced opens."""
    held = node.keys.keys(recipient, Purpose.SEALING)
    return next((key for key in held if key.public.kid == kid), None)


def _answer(
    node: Node, recipient: str, sealed: bytes, signed: str | None, reason: Reason | None
) -> str:
    receipt = Receipt(
        v=1,
        by=recipient,
        outcome="refused" if reason else "stored",
        at=node.now(),
        sealed=sealed_digest(sealed),
        signed=signed,
        reason=reason,
    )
    return sign_receipt(receipt, node.signing_key(recipient))
