"""`hearth history`: every version of a home that this node holds, retired ones too."""

import re

import click

from directory.cli.common import Hearth, command
from directory.homes.history import Version, as_rows, home_history
from directory.homes.labels import ENDINGS
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import reading
from protocols.profiles import Profile

_HOME = re.compile(r"(?:home/)?([A-Za-z0-9-]{1,20})")


@click.command()
@click.argument("record")
@command
def history(hearth: Hearth, record: str) -> None:
    """Show every version of a home, also what was replaced.

    RECORD is home/URN or a URN alone. Each version is shown with the log and the entry that it
    stands in, from when to when it was current. What was erased is in no list.
    """
    named = _HOME.fullmatch(record)
    if named is None:
        raise click.UsageError("Name a home by its URN: home/SC123456.")
    urn = named[1].upper()
    require(hearth.who, Action.FIND_HOMES)
    with hearth.node() as node, reading(node.replica) as connection:
        versions = home_history(connection, urn)
    hearth.answer(
        {"urn": urn, "versions": as_rows(versions)},
        "\n".join(map(_lines, versions)) or f"No log that this node holds says anything of {urn}.",
    )


def _lines(one: Version) -> str:
    until = (
        f"{ENDINGS[one.ended_by].lower()} {one.ended_at:%d %B %Y %H:%M} UTC"
        if one.ended_by and one.ended_at
        else "current"
    )
    if isinstance(one.record, Profile):
        return (
            f"Profile: published {one.published_at:%d %B %Y %H:%M} UTC, {until}\n"
            f"  {one.log.origin}, entry {one.entry:,}\n"
            f"  {len(one.record.answers)} answers"
        )
    places = "unknown" if one.record.places is None else str(one.record.places)
    return (
        f"{one.record.name or one.record.urn}: published {one.published_at:%d %B %Y %H:%M} UTC, "
        f"{until}\n"
        f"  {one.log.origin}, entry {one.entry:,}\n"
        f"  provider {one.record.provider or 'unknown'}, places {places}, status "
        f"{one.record.status}"
    )
