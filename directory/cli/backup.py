"""`hearth backup`: all that a node cannot get back from the others, in one file."""

from pathlib import Path

import click

from directory.cli.common import Hearth, command
from directory.node.backup.service import back_up


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@command
def backup(hearth: Hearth, file: Path) -> None:
    """Back the node up into FILE, also while it runs.

    FILE is new. What is confidential stands in it sealed, and the keys never do: keep those in a
    backup of their own, or nothing of this one can be opened.
    """
    with hearth.node() as node, hearth.err.status("Backing up …") as status:
        made = back_up(node, hearth.who, file, lambda said: status.update(f"Backing up: {said} …"))
    hearth.answer(
        {
            "file": str(file),
            "bytes": file.stat().st_size,
            "made_at": made.made_at,
            "database": made.database,
            "log_size": made.log_size,
            "audit_rows": made.audit_rows,
            "epoch": made.epoch,
        },
        f"Backed up {made.node} into {file}: {file.stat().st_size:,} bytes, a log of "
        f"{made.log_size:,} entries.\n"
        f"The keys are not in it. Those of epoch {made.epoch} are needed to restore it: keep a "
        f"backup of {hearth.data_dir / 'keys'}, apart from this file.",
    )
