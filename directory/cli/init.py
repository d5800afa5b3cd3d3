"""`hearth init`: make a node."""

from typing import Any

import click
import msgspec

from directory.cli.common import AuthorityName, Hearth, command
from directory.country.authorities.service import NATIONS, REGIONS, Authority, in_region
from directory.database import migrate
from directory.settings import read_settings
from federation import initialise, is_loopback, keep_database
from protocols.charter import Name, Url


class _Name(click.ParamType[str]):
    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return msgspec.convert(value, Name)
        except msgspec.ValidationError:
            self.fail(
                f"{value!r} is not made of a-z, 0-9 and hyphens, such as 'leeds'.", param, ctx
            )


class _Address(click.ParamType[str]):
    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            url = msgspec.convert(value.rstrip("/"), Url)
        except msgspec.ValidationError:
            self.fail(
                f"{value!r} is no address such as 'https://hearth.leeds.example'.", param, ctx
            )
        if not (url.startswith("https://") or is_loopback(url)):
            self.fail("Nodes speak https only, except on one machine (127.0.0.1).", param, ctx)
        return url


@click.command()
@click.option(
    "--name", required=True, type=_Name(), help="Name of the node, such as leeds; stays for good."
)
@click.option(
    "--url",
    required=True,
    type=_Address(),
    help="Address at which other nodes reach it, such as https://hearth.leeds.example; stays.",
)
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    type=AuthorityName(),
    help="Authority that it serves, by name or GSS code. May be repeated.",
)
@click.option(
    "--region",
    type=click.Choice((*REGIONS, *NATIONS[1:])),
    help="Serve all authorities of a region of England, or of another nation.",
)
@command
def init(
    hearth: Hearth, name: str, url: str, authorities: tuple[Authority, ...], region: str | None
) -> None:
    """Make a node: keys, databases, and its description.

    With HEARTH_DATABASE set, its databases are in that PostgreSQL database, and the data directory
    keeps the address.

    Others reach the node at --url; it serves the authorities named. The description, member.json in
    the data directory, goes to whoever founds the charter; it holds public keys only.
    """
    served = {one.gss: one for one in (*authorities, *(in_region(region) if region else ()))}
    if not served:
        raise click.UsageError("Say whom the node serves: --authority, or --region.")
    names = {one.gss: one.name for one in served.values()}
    member = initialise(hearth.data_dir, name, url, names)
    if database := read_settings().database:
        keep_database(hearth.data_dir, database)
    migrate(hearth.data_dir)
    hearth.answer(
        {"node": member.node, "origin": member.origin, "authorities": list(names)},
        f"Made the node {name} for {', '.join(names.values())} in {hearth.data_dir}.\n"
        f"Back up {hearth.data_dir / 'keys'} now, apart from the databases.\n"
        f"Next: give {hearth.data_dir / 'member.json'} to whoever founds the charter, and run "
        "'hearth charter adopt FILE' with what you get back.",
    )
