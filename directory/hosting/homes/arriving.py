"""What comes from others about who lives in a home: the home's own notice, what the authority of an
area asks, and what those whom we asked answer.
"""

from datetime import datetime

from sqlalchemy import Connection

from directory.hosting.homes.answering import take_asked
from directory.hosting.homes.asking import learn_answer
from directory.hosting.homes.errors import NotTaken
from directory.hosting.homes.taking import take
from directory.security.audit.arriving import note_arrival
from federation import Node
from protocols.errors import Malformed
from protocols.messages import Message
from protocols.residents import HomeNotice, ResidentAnswer, decode_resident_body


def receive(connection: Connection, node: Node, message: Message, now: datetime) -> None:
    """Store what a verified message says.

    Raises Malformed to refuse it: a notice of a home that its sender was not confirmed for, and an
    answer to what it was not asked.
    """
    body = decode_resident_body(bytes(message.body))
    sender, recipient = message.sender, message.recipient
    try:
        if isinstance(body, HomeNotice):
            number = take(connection, node, body, through=sender, area=recipient)
            action, record = "receive a notice of a home", f"home-notice/{number}"
        elif isinstance(body, ResidentAnswer):
            about = learn_answer(connection, area=recipient, asked=sender, answer=body)
            if about is None:
                raise Malformed("answer: to what was not asked of this authority")
            action, record = "receive an answer about a resident", f"about/{about}"
        else:
            take_asked(connection, node, body, asking=message.id, area=sender, authority=recipient)
            action, record = "receive an asking for a notice", f"resident-asking/{message.id}"
    except NotTaken as error:
        raise Malformed(f"message about a resident: {error}") from None
    note_arrival(connection, node, message, action, record)
