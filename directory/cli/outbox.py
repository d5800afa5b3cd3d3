"""`hearth outbox`: where the messages are that this node sent."""

from dataclasses import asdict

import click

from directory.cli.common import Hearth, command
from directory.country.authorities.service import authority_name
from directory.notices.sent import acknowledgement_of, send_again
from directory.privacy.restricting.messages import closed_messages
from directory.web.wording import counted
from federation import (
    ChunksHeld,
    Dispatch,
    chunks_held,
    dispatches,
    reading,
    receipt_of,
    writing,
)
from protocols.notices import Acknowledgement, Contact


@click.command()
@click.option("--again", metavar="ID", help="Send a notice again that was refused or has expired.")
@command
def outbox(hearth: Hearth, again: str | None) -> None:
    """List what was sent, and where it is.

    'waiting' says why it is not there yet; it is tried again by itself. 'stored' has a receipt
    signed by the recipient, verified afresh here. 'acknowledged' has a person there to call.
    'refused' and 'expired' go nowhere by themselves: mend what was wrong, and send them again.
    What is of a restricted record is counted alone: to whom it went says where a child lives.
    """
    if again:
        _send_again(hearth, again)
    with hearth.node() as node, reading(node.node_db) as connection:
        closed = closed_messages(connection, hearth.who, node.member.area)
        queued = dispatches(connection)
        every = {number: one for number, one in queued.items() if number not in closed}
        held = chunks_held(connection)
        found = [
            (
                one,
                receipt_of(connection, node, one.id) is not None,
                _contact(
                    acknowledgement_of(
                        connection, node, hearth.who, placing=one.sender, notice=one.id
                    )
                ),
            )
            for one in every.values()
        ]
    sent = [
        asdict(one)
        | {"receipt_verified": verified, "acknowledged_by": contact, "chunks": held.get(one.id)}
        for one, verified, contact in found
    ]
    lines = [_line(one, contact, held.get(one.id)) for one, _verified, contact in found]
    lines = lines or ["Nothing was sent yet."]
    if hidden := len(queued) - len(every):
        lines.append(f"{counted(hidden, 'message')} left out: the records are restricted.")
    hearth.answer({"messages": sent, "restricted": hidden}, "\n".join(lines))


def _send_again(hearth: Hearth, message: str) -> None:
    with hearth.node() as node, writing(node.node_db) as connection:
        found = dispatches(connection, [message])
        placing = found[message].sender if found else ""
        send_again(connection, node, hearth.who, placing=placing, notice=message)


def _contact(answer: Acknowledgement | None) -> Contact | None:
    return answer.contact if answer else None


def _line(one: Dispatch, contact: Contact | None, held: ChunksHeld | None) -> str:
    whom = f"{authority_name(one.sender)} to {authority_name(one.recipient)}"
    parts = f", {held.held} of {held.chunks} parts of its attachments there" if held else ""
    why = f" ({one.problem})" if one.problem else ""
    called = f", acknowledged by {contact.name}, {contact.telephone}" if contact else ""
    return f"{one.id}  {whom}, {one.queued_at:%d %B %Y %H:%M} UTC  {one.state}{parts}{why}{called}"
