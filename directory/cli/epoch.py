"""`hearth epoch`: the keys under which what is confidential lies in the database."""

from dataclasses import asdict

import click

from directory.cli.common import Hearth, command
from directory.privacy.retention.holds import refuse_while_any_stands
from directory.security.audit.service import note
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.epochs import begin_epoch, list_epochs, remove_epoch
from federation import forget_deleted, reading, writing


@click.group()
def epoch() -> None:
    """Change the key of what is confidential here."""


@epoch.command()
@command
def new(hearth: Hearth) -> None:
    """Draw a new key, and wrap every data key with it.

    The key of before stays until 'hearth epoch remove', since backups of before need it.
    """
    require(hearth.who, Action.RUN_NODE)
    with hearth.node() as node:
        with hearth.err.status("Wrapping …") as status, writing(node.node_db) as connection:
            number = begin_epoch(
                connection, node, lambda done: status.update(f"{done:,} data keys wrapped …")
            )
            note(connection, node, hearth.who, "begin an epoch", record=f"epoch/{number}")
        forget_deleted(node.node_db)
    hearth.answer(
        {"epoch": number},
        f"Epoch {number} began: every data key is wrapped with its key.\n"
        f"Next: back up {hearth.data_dir / 'keys'}, apart from the databases.",
    )


@epoch.command("list")
@command
def list_(hearth: Hearth) -> None:
    """List the epochs, and whether their keys are here."""
    require(hearth.who, Action.RUN_NODE)
    with hearth.node() as node, reading(node.node_db) as connection:
        found = list_epochs(connection, node)
    lines = [
        f"{one.number}  {one.data_keys:,} data keys  "
        f"{'key here' if one.file else 'KEY FILE MISSING' if one.data_keys else 'no key file'}"
        for one in found
    ]
    hearth.answer({"epochs": [asdict(one) for one in found]}, "\n".join(lines))


@epoch.command()
@click.argument("number", type=click.IntRange(min=1))
@command
def remove(hearth: Hearth, number: int) -> None:
    """Delete the key of an epoch that is over.

    NUMBER is the epoch. Refused while a data key needs it or a legal hold stands. What is
    confidential in backups that were made during that epoch can never be opened again.
    """
    require(hearth.who, Action.RUN_NODE)
    with hearth.node() as node, writing(node.node_db) as connection:
        refuse_while_any_stands(connection)
        note(connection, node, hearth.who, "remove an epoch's key", record=f"epoch/{number}")
        remove_epoch(connection, node, number)
    hearth.answer({"removed": number}, f"Deleted the key of epoch {number}.")
