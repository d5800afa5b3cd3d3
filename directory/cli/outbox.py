"""`hearth outbox`: where the messages are that this node sent."""

from dataclasses import asdict

import click

from directory.cli.common import Hearth, command
from directory.notices.service import acknowledgement_of
from federation import Dispatch, dispatches, reading, receipt_of
from protocols.notices import Acknowledgement, Contact


@click.command()
@command
def outbox(hearth: Hearth) -> None:
    """List what was sent, and where it is.

    A message that is 'stored' has a receipt signed by the recipient, verified afresh here.
    """
    with hearth.node() as node, reading(node.node_db) as connection:
        sent = [
            asdict(one)
            | {
                "receipt_verified": receipt_of(connection, node, one.id) is not None,
                "acknowledged_by": _contact(acknowledgement_of(connection, one.id)),
            }
            for one in dispatches(connection).values()
        ]
        lines = [_line(one) for one in dispatches(connection).values()]
    hearth.answer({"messages": sent}, "\n".join(lines) or "Nothing was sent yet.")


def _contact(answer: Acknowledgement | None) -> Contact | None:
    return answer.contact if answer else None


def _line(one: Dispatch) -> str:
    why = f" ({one.problem})" if one.problem else ""
    return f"{one.id}  {one.sender} to {one.recipient}  {one.state}{why}"
