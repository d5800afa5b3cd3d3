"""`hearth notify`: send an out-of-area notice."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import click

from directory.cli.attaching import attach_option, read_attached
from directory.cli.common import AuthorityName, Hearth, command
from directory.country.authorities.service import Authority
from directory.notices.sent import read_notice, send_notice
from federation import writing


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--from", "placing", required=True, type=AuthorityName(), help="Placing authority.")
@click.option("--to", "area", required=True, type=AuthorityName(), help="Area authority.")
@attach_option
@command
def notify(
    hearth: Hearth,
    file: IO[bytes],
    placing: Authority,
    area: Authority,
    attached: Sequence[Path],
) -> None:
    """Send an out-of-area notice to the authority of the area.

    FILE holds the notice in JSON; - is standard input. It is sealed to that authority and queued;
    the worker of the node delivers it. 'hearth outbox' says where it is. Nothing about the child is
    printed. Files that go with it may have 25 MB together.
    """
    notice = read_notice(file.read())
    with hearth.node() as node, ExitStack() as stack:
        files = read_attached(attached, stack)
        with writing(node.node_db) as connection:
            message = send_notice(
                connection,
                node,
                hearth.who,
                notice,
                placing=placing.gss,
                area=area.gss,
                files=files,
            )
    hearth.answer(
        {"message": message, "from": placing.gss, "to": area.gss, "state": "waiting"},
        f"Queued the notice {message} from {placing.name} to {area.name}.\n"
        "Next: 'hearth outbox' says when it is received and acknowledged.",
    )
