"""`hearth returned-mail`: takes in an email that a mail server could not deliver and sent back."""

import sys

import click

from directory.cli.common import Hearth, command
from directory.node.running.emailing import RETURNED
from directory.security.mail.returned import MOST_READ, read_sent_back
from directory.security.mail.watching import came_back
from federation import writing


@click.command("returned-mail")
@command
def returned_mail(hearth: Hearth) -> None:
    """Note that an email was sent back.

    The mail server hands it over on standard input, whatever has come to the address in whose
    name the node writes. What is no such notification, or of no email of this node's, is left
    alone.
    """
    found = read_sent_back(sys.stdin.buffer.read(MOST_READ + 1))
    noted = False
    if found:
        with hearth.node() as node, writing(node.node_db) as connection:
            noted = came_back(connection, node, RETURNED, found.receipt, found.why)
    said = "Noted where it was sent from." if noted else "Nothing of this node's was sent back."
    hearth.answer({"noted": noted}, said)
