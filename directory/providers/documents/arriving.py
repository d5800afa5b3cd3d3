"""What comes from others: an asking for a document here, or the answer to one of ours."""

from sqlalchemy import Connection, select, update

from directory.intake.attachments.arrived import look_into
from directory.intake.attachments.keeping import encode_attachments
from directory.providers.documents.answering import take_asking
from directory.providers.documents.asking import TABLE
from directory.providers.documents.cleaning import DOCUMENTS
from directory.providers.documents.models import document_asking
from directory.security.audit.arriving import note_arrival
from directory.security.vault.service import Vault
from federation import Node
from protocols.documents import KEPT_FOR, DocumentAnswer, DocumentAsking, decode_document_body
from protocols.errors import Malformed
from protocols.messages import Message


def receive(connection: Connection, node: Node, message: Message) -> None:
    """Store what a verified message asks or answers.

    Raises Malformed to refuse it: also an answer to what its signer was not asked, a second one,
    and a file that is no document.
    """
    body = decode_document_body(bytes(message.body))
    given = isinstance(body, DocumentAnswer) and body.state == "given"
    if len(message.attachments) != given:
        raise Malformed("message about a document: not the one file that belongs to it")
    if isinstance(body, DocumentAsking):
        said = f"for {body.asked_by}"
        action = "receive an asking for a full document"
        note_arrival(
            connection, node, message, action, f"home/{body.urn}", detail=said, reason=body.reason
        )
        take_asking(
            connection,
            node,
            body,
            asking=message.id,
            asker=message.sender,
            authority=message.recipient,
        )
        return
    urn = _learn(connection, node, message, body)
    what = "a full document" if given else "a refusal of a full document"
    note_arrival(connection, node, message, f"receive {what}", f"home/{urn}")


def _learn(connection: Connection, node: Node, message: Message, body: DocumentAnswer) -> str:
    mine = (
        (document_asking.c.id == body.asking)
        & (document_asking.c.authority == message.recipient)
        & (document_asking.c.area == message.sender)
        & (document_asking.c.state == "asked")
    )
    urn: str | None = connection.scalar(select(document_asking.c.urn).where(mine).with_for_update())
    if urn is None:
        raise Malformed("answer: to an asking that was not made to this authority, or is answered")
    vault = Vault(connection, node)
    answer: dict[str, object] = {"state": "refused", "answered_at": body.answered_at}
    if message.attachments:
        look_into(connection, message)
        if message.attachments[0].type not in DOCUMENTS:
            raise Malformed("document: a picture")
        files = encode_attachments(message.attachments)
        answer |= {
            "state": "here",
            "message": message.id,
            "attachment": vault.seal(TABLE, "attachment", body.asking, files),
            "ends_at": node.now() + KEPT_FOR,
        }
    elif body.reason:
        answer["refusal"] = vault.seal(TABLE, "refusal", body.asking, body.reason.encode())
    connection.execute(update(document_asking).where(mine).values(answer))
    return urn
