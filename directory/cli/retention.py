"""`hearth retention`: what is kept how long, what is due, and destroying that."""

import sys

import click

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.country.authorities.service import Authority
from directory.country.rules.table import nation_of
from directory.privacy.retention.destroying import destroy_due
from directory.privacy.retention.due import Due, due
from directory.privacy.retention.schedule import in_words
from federation import forget_deleted, reading, writing


@click.command()
@click.option("--authority", type=AuthorityName(), help="Whose records. [default: the only one]")
@click.option("--schedule", is_flag=True, help="Say what is kept how long, by table.")
@click.option("--destroy", is_flag=True, help="Destroy what is due, for good.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@command
def retention(
    hearth: Hearth, authority: Authority | None, schedule: bool, destroy: bool, yes: bool
) -> None:
    """Say what is due to be destroyed, or destroy it.

    Nothing under a legal hold is. The worker does the same once a day with
    HEARTH_RETENTION=destroy.
    """
    if schedule:
        with hearth.node() as node:
            every = in_words(nation_of(served(node, authority)))
        lines = [f"{one.of}: {one.says}. {one.source}" for one in every]
        hearth.answer({"periods": every}, "\n".join(lines))
        return
    if destroy and not yes:
        if hearth.as_json or not sys.stdin.isatty():
            raise click.UsageError("Nothing was destroyed. Say --yes to destroy it for good.")
        click.confirm("Destroy all that is due, for good?", abort=True, err=True)
    with hearth.node() as node:
        gss = served(node, authority)
        if destroy:
            with writing(node.node_db) as connection:
                found = destroy_due(connection, node, hearth.who, gss)
            forget_deleted(node.node_db)
        else:
            with reading(node.node_db) as connection:
                found = due(connection, node, hearth.who, gss)
    result = {
        "authority": gss,
        "destroyed": destroy,
        "records": [{"kind": one.kind, "record": one.record} for one in found.records],
        "held": [{"kind": one.kind, "record": one.record} for one in found.held],
        "kept": found.kept,
        "next_year": found.next_year,
    }
    hearth.answer(result, "\n".join(_lines(found, destroy)))


def _lines(found: Due, destroyed: bool) -> list[str]:
    verb = "Destroyed" if destroyed else "Due to be destroyed"
    lines = [f"{verb}: {len(found.records):,} records."]
    lines += [f"  {one.kind}  {one.record}" for one in found.records]
    if found.held:
        lines.append(f"Kept by a legal hold: {len(found.held):,} records that would be due.")
        lines += [f"  {one.kind}  {one.record}" for one in found.held]
    lines.append(
        f"Not due: {found.kept:,}"
        + (f", the next in {found.next_year}." if found.next_year else ".")
    )
    if destroyed and found.records:
        lines.append("Next: back up the folder keys/, so that a restore knows of it, too.")
    return lines
