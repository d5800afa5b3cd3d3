"""`hearth search`: find homes in the whole directory."""

from pathlib import Path

import click

from directory.cli.common import AuthorityName, Hearth, command, print_safely
from directory.country.authorities.service import NATIONS, REGIONS, Authority
from directory.exports import csv_lines
from directory.homes.claims import as_json
from directory.homes.export import HEADINGS, home_row
from directory.homes.labels import NAME_UNKNOWN, NOT_DESCRIBED, needs_of
from directory.homes.nearness import Origin, read_origin
from directory.homes.query import (
    JUDGEMENTS,
    NEEDS,
    NOT_INSPECTED,
    OFFERS,
    ORDERS,
    PROFILES,
    PROVISIONS,
    SearchQuery,
)
from directory.homes.service import Results, search_all
from directory.homes.service import search as search_homes
from federation import reading


@click.command()
@click.argument("words", nargs=-1)
@click.option("--region", type=click.Choice((*REGIONS, *NATIONS[1:])), help="Where it stands.")
@click.option("--authority", type=AuthorityName(), help="Where it stands: a name or GSS code.")
@click.option("--provision", type=click.Choice(PROVISIONS), help="What it is registered as.")
@click.option("--judgement", type=click.Choice(JUDGEMENTS), help="Ofsted's latest, overall.")
@click.option("--need", type=click.Choice(NEEDS), help="A need that the home says it meets.")
@click.option("--offer", type=click.Choice(OFFERS), help="What it offers; see 'hearth codes'.")
@click.option("--profile", type=click.Choice(PROFILES), help="Whether it is described.")
@click.option("--min-places", type=click.IntRange(1, 500), help="At least so many places.")
@click.option("--near", help="Nearest first: from an authority, or a postcode district as LS6.")
@click.option("--order", type=click.Choice(ORDERS), help="[default: best match, or A to Z]")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True)
@click.option(
    "--csv",
    "to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all homes found, of every page, to this CSV file too.",
)
@command
def search(
    hearth: Hearth,
    words: tuple[str, ...],
    to: Path | None,
    authority: Authority | None,
    near: str | None,
    **filters: object,
) -> None:
    """Find homes by WORDS and filters.

    Searches everything that this node has verified, its own homes and those of every other node.
    """
    query = SearchQuery(
        words=" ".join(words),
        authority=authority.gss if authority else None,
        near=_origin(near).code if near else None,
        **filters,  # type: ignore[arg-type]  # click has checked them against the same choices
    )
    with hearth.node() as node, reading(node.replica) as connection:
        results = search_homes(connection, query)
        if to:
            with to.open("w", encoding="utf-8-sig", newline="") as table:
                found = search_all(connection, query, results.total)
                table.writelines(csv_lines(HEADINGS, map(home_row, found)))
    if not hearth.as_json:
        _show(results)
    hearth.answer(
        {
            "total": results.total,
            "page": results.page,
            "pages": results.pages,
            "order": results.order,
            "counts": results.counts,
            "homes": [as_json(found) for found in results.homes],
        },
        f"{results.total:,} homes; page {results.page} of {results.pages}; in order of "
        f"{results.order}.",
    )


def _origin(typed: str) -> Origin:
    if origin := read_origin(typed):
        return origin
    raise click.BadParameter(
        f"{typed!r} is neither an authority nor the first half of a postcode, such as LS6."
    )


def _show(results: Results) -> None:
    for found in results.homes:
        one = found.record
        grade = f"{one.judgement.overall}, {one.judgement.inspected_on}" if one.judgement else ""
        places = f"{one.places} places" if one.places else "places not known"
        needs = ", ".join(needs_of(found.said)) if found.said else NOT_DESCRIBED
        contested = " CONTESTED: another node says otherwise." if found.contested else ""
        print_safely(
            f"{one.urn}  {one.name or NAME_UNKNOWN}, {found.authority_name}, {places}\n"
            f"    {grade or NOT_INSPECTED}. {needs}.\n"
            f"    Vouched for by {found.node}.{contested}"
        )
