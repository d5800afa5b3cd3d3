"""`hearth reconcile`: hold a return against what other authorities were told."""

from pathlib import Path

import click

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.country.authorities.service import Authority, authority_name
from directory.country.ssda903.codes import YEARS
from directory.hosting.silent.service import silent_homes
from directory.hosting.silent.words import in_words
from directory.placing.reconciling.service import Reconciled, reconcile
from directory.settings import read_settings
from directory.web.wording import counted
from federation import reading

_SHOWN = 20
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("reconcile")
def reconciling() -> None:
    """Find placements that nobody was told of."""


@reconciling.command("ssda903")
@click.argument("episodes", type=_FILE)
@click.option("--header", type=_FILE, help="The table Header: without it, no age is known.")
@click.option("--authority", type=AuthorityName(), help="Whose return. [default: the only one]")
@click.option(
    "--year",
    type=click.IntRange(YEARS[0], YEARS[-1]),
    help="Of the collection; its codes alone then count. [default: any year's codes]",
)
@click.option("--reason", default="", help="Why; kept with your name. Name no child.")
@command
def ssda903(
    hearth: Hearth,
    episodes: Path,
    header: Path | None,
    authority: Authority | None,
    year: int | None,
    reason: str,
) -> None:
    """Hold EPISODES, a table of an SSDA903 return, against the notices.

    Placements are named by their row in the file; no child is. The files are read and not kept, and
    nothing is changed but a row in the audit, with your --reason; a call by a timer says its own in
    the unit file. Where the sector's validator is installed
    (HEARTH_VALIDATOR), what it finds about the rows concerned is shown too.
    """
    with hearth.node() as node, episodes.open("rb") as first:
        whose = served(node, authority)
        second = header.open("rb") if header else None
        try:
            found = reconcile(
                node,
                hearth.who,
                whose,
                first,
                second,
                year=year,
                validator=read_settings().validator,
                reason=reason,
            )
        finally:
            if second:
                second.close()
    hearth.answer(found, _told(found))


@reconciling.command("homes")
@click.option("--authority", type=AuthorityName(), help="Area authority. [default: the only one]")
@command
def homes(hearth: Hearth, authority: Authority | None) -> None:
    """List our area's homes of which no notice came for a year."""
    with hearth.node() as node:
        area = served(node, authority)
        with reading(node.node_db) as connection, reading(node.replica) as replica:
            silent = silent_homes(connection, replica, node, hearth.who, area)
    hearth.answer(
        {"authority": area, "homes": silent},
        "\n".join(
            f"{one.urn}  {one.name or 'no name'}, {counted(one.places, 'place')}; last notice "
            f"{one.last or 'never'}; the home says: {in_words(one.said)}"
            for one in silent
        )
        or "None: every home with places was named by a notice in the last year.",
    )


def _told(found: Reconciled) -> str:
    counts = found.counts
    lines = [
        f"{authority_name(found.authority)}: {counted(found.episodes, 'episode')} are "
        f"{counted(counts['placements'], 'placement')}, {counts['out_of_area']:,} of them out of "
        "area.",
        f"  {counts['missing']:,} go on, and nobody was told",
        f"  {counts['never_acknowledged']:,} were told, and not acknowledged",
        f"  {counts['ended_not_told']:,} ended, and the area authority was not told of that",
        f"  {counts['ended_no_notice']:,} ended, and nobody was ever told",
        f"  {counts['exempt']:,} are exempt",
        f"  {counts['area_unknown']:,} are in an area that the return does not tell",
        *(
            f"Row {one.row}: {one.setting} in {one.area_name}, {one.relation}; no notice. {one.why}"
            for one in found.missing[:_SHOWN]
        ),
    ]
    if (more := len(found.missing) - _SHOWN) > 0:
        lines.append(f"… and {more:,} more; --json lists them all.")
    if closed := counts["restricted"]:
        lines.append(
            f"{counted(closed, 'placement')} left out: the records are restricted. Whoever is "
            "named in them reconciles those, by upload."
        )
    if not found.ages_known:
        lines.append("No Header was given, so nobody was left out for being 18.")
    if found.faulty:
        lines.append(f"{counted(found.faulty, 'cell')} could not be read; --json says where.")
    if found.validator.year:
        lines.append(
            f"The sector's validator, by its rules of {found.validator.year}, finds fault with "
            f"{counted(len(found.validator.rows), 'row')} of these; --json says which."
        )
    if found.validator.absent:
        lines.append(f"{found.validator.absent}.")
    return "\n".join(lines)
