"""`hearth retire`: take a published record out of what is current."""

import click

from directory.cli.common import Hearth, command
from directory.records.publishing.withdrawing import retire_record
from federation import publish_log, writing


@click.command()
@click.argument("record")
@click.option("--reason", default="", help="Why; kept with your name.")
@command
def retire(hearth: Hearth, record: str, reason: str) -> None:
    """Take a published record out of what is current.

    RECORD is home/URN or provider/NAME. It leaves the search of every member, and stays readable as
    history. What must not stay readable is erased: 'hearth erase'.
    """
    with hearth.node() as node:
        with writing(node.node_db) as connection:
            retire_record(connection, node, hearth.who, record, reason)
        entries = publish_log(node)
    hearth.answer(
        {"retired": record, "entries": entries},
        f"Retired {record}. It is not published again until 'hearth publish --again' says so.\n"
        "Next: 'hearth history' shows what was said of it.",
    )
