"""`hearth init`: make a node."""

import click

from directory.authorities.service import REGIONS, Authority, in_region
from directory.cli.common import AuthorityName, Hearth, command
from directory.database import migrate
from federation import initialise


@click.command()
@click.option("--name", required=True, help="Name of the node: a-z, 0-9 and hyphens.")
@click.option("--url", required=True, help="Address at which other nodes reach it.")
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    type=AuthorityName(),
    help="Authority that it serves, by name or GSS code. May be repeated.",
)
@click.option("--region", type=click.Choice(REGIONS), help="Serve all authorities of a region.")
@command
def init(
    hearth: Hearth, name: str, url: str, authorities: tuple[Authority, ...], region: str | None
) -> None:
    """Make a node: its keys, its databases, and the description for the charter."""
    served = {one.gss: one for one in (*authorities, *(in_region(region) if region else ()))}
    if not served:
        raise click.UsageError("Say whom the node serves: --authority, or --region.")
    names = {one.gss: one.name for one in served.values()}
    member = initialise(hearth.data_dir, name, url, names)
    migrate(hearth.data_dir)
    hearth.answer(
        {"node": member.node, "origin": member.origin, "authorities": list(names)},
        f"Made the node {name} for {', '.join(names.values())} in {hearth.data_dir}.\n"
        f"Back up {hearth.data_dir / 'keys'} now, apart from the databases.\n"
        f"Next: give {hearth.data_dir / 'member.json'} to whoever founds the charter, and run "
        "'hearth charter adopt FILE' with what you get back.",
    )
