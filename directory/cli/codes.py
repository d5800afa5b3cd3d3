"""`hearth codes`: the published list of what a home can offer and a child need."""

import click

from directory.cli.common import Hearth, command
from directory.country.codes.service import code_list


@click.command()
@click.option("--group", help="Only this group, by its code.")
@command
def codes(hearth: Hearth, group: str | None) -> None:
    """Show the code list of homes' profiles."""
    known = code_list()
    groups = [one for one in known.groups if group in (None, one.code)]
    if not groups:
        raise click.UsageError(f"There is no group {group}. Without --group, all are shown.")
    shown = [one for each in groups for one in known.of(each.code)]
    hearth.answer(
        {"version": known.version, "groups": groups, "codes": shown, "givers": known.givers},
        "\n".join(
            f"\n{each.label} ({each.code})\n"
            + "\n".join(f"  {one.code:28} {one.label}" for one in known.of(each.code))
            for each in groups
        ).strip(),
    )
