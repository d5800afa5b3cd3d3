"""Files that come with a message, looked into before it is stored."""

from io import BytesIO

from sqlalchemy import Connection

from directory.intake.attachments.errors import AttachmentError
from directory.intake.attachments.kinds import kind_of
from federation import attachment_within
from protocols.errors import Malformed
from protocols.messages import Message


def look_into(connection: Connection, message: Message) -> None:
    """Raise Malformed where a file is not of the type that the message says, or brings instructions
    with it. Its sender has looked, too, if it is honest. One at a time is held in memory.
    """
    for number, attachment in enumerate(message.attachments):
        content = BytesIO()
        content.writelines(attachment_within(connection, message, number))
        try:
            kind = kind_of(content)
        except AttachmentError as error:
            raise Malformed(f"attachment: {error}") from None
        if kind != attachment.type:
            raise Malformed("attachment: of another type than the message says")
