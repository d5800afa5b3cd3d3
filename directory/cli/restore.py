"""`hearth restore`: bring a node back from a backup."""

from pathlib import Path

import click

from directory.cli.common import Hearth, command
from directory.node.backup.service import restore as restore_
from directory.security.audit.service import note
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.settings import read_settings
from federation import audit_own_log, reading, writing


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Put the database that is there aside.")
@command
def restore(hearth: Hearth, file: Path, yes: bool) -> None:
    """Bring the node back from the backup in FILE.

    Stop the node first, and put its keys back into the data directory, the newest that you have.
    With --yes the database that is there is put aside, and kept. What was destroyed since the
    backup is destroyed again; what the other nodes publish is fetched from them with 'hearth sync'.
    """
    require(hearth.who, Action.RUN_NODE)
    with hearth.err.status("Restoring …") as status:
        made, kept = restore_(
            hearth.data_dir,
            file,
            lambda said: status.update(f"Restoring: {said} …"),
            database=read_settings().database,
            replace=yes,
        )
    with hearth.node() as node:
        with writing(node.node_db) as connection:
            note(connection, node, hearth.who, "restore a backup", detail=f"of {made.made_at}")
        with reading(node.node_db) as connection:
            problems = [log.problem for log in audit_own_log(connection, node) if log.problem]
    said = [f"Restored {made.node} from the backup of {made.made_at:%d %B %Y %H:%M} UTC."]
    if kept:
        said.append(f"What was there before is kept: {kept}. Delete it when all is well.")
    if problems:
        said.append(f"The node can be used, but publishes nothing: {problems[0]}.")
    said.append(
        "Next: 'hearth audit verify', then start the node; 'hearth sync' fetches what the others "
        "publish."
    )
    hearth.answer(
        {
            "node": made.node,
            "made_at": made.made_at,
            "log_size": made.log_size,
            "kept": kept,
            "publishes": not problems,
            "problem": problems[0] if problems else None,
        },
        "\n".join(said),
    )
