"""Messages that come from other nodes, each to the subject that knows its schema."""

from datetime import datetime

from sqlalchemy import Connection

from directory.notices.arriving import receive as receive_notice
from directory.providers.arriving import receive as receive_for_providers
from federation import Node
from protocols.errors import Malformed
from protocols.messages import Message
from protocols.providers import SCHEMAS
from protocols.records import schema_of


def receive(connection: Connection, node: Node, message: Message, now: datetime) -> None:
    """Store what a verified message says, and that it came `now`.

    Raises Malformed or UnknownSchema to refuse it.
    """
    about_homes = schema_of(bytes(message.body), "message body") in SCHEMAS
    if about_homes and message.attachments:
        raise Malformed("message about a home: comes with attachments")
    (receive_for_providers if about_homes else receive_notice)(connection, node, message, now)
