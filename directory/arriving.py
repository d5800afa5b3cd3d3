"""Messages that come from other nodes, each to the subject that knows its schema."""

from datetime import datetime

from sqlalchemy import Connection

from directory.documents.arriving import receive as receive_about_document
from directory.handins.arriving import receive as receive_hand_in
from directory.notices.arriving import receive as receive_notice
from directory.providers.arriving import receive as receive_for_providers
from federation import Node
from protocols import documents, handins, providers
from protocols.errors import Malformed
from protocols.messages import Message
from protocols.records import schema_of

_ABOUT_HOMES = dict.fromkeys(providers.SCHEMAS, receive_for_providers) | dict.fromkeys(
    handins.SCHEMAS, receive_hand_in
)


def receive(connection: Connection, node: Node, message: Message, now: datetime) -> None:
    """Store what a verified message says, and that it came `now`.

    Raises Malformed or UnknownSchema to refuse it.
    """
    schema = schema_of(bytes(message.body), "message body")
    if schema in documents.SCHEMAS:
        receive_about_document(connection, node, message)
        return
    about_home = _ABOUT_HOMES.get(schema)
    if about_home and message.attachments:
        raise Malformed("message about a home: comes with attachments")
    (about_home or receive_notice)(connection, node, message, now)
