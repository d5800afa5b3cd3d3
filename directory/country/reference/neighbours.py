"""Which authorities border on each other on land, and what an operator changes about that.

A placement is "at a distance" when it lies neither in the authority nor in one adjoining it (Care
Planning, Placement and Case Review (England) Regulations 2010, reg 11). Source: neighbours.csv
beside this file, see README.md there. Tidal water parts authorities in it, with bridges or
without. Where an authority sees that otherwise, its node has a file of its own, neighbours.csv in
the data directory, with the columns gss, neighbour, change ("add" or "remove") and why.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, cast

from directory.country.authorities.service import all_authorities, find
from directory.country.reference.errors import WrongChange

Pair: TypeAlias = tuple[str, str]

OVERRIDES = "neighbours.csv"
_COLUMNS = ("gss", "neighbour", "change", "why")


class Change(NamedTuple):
    """One pair that is added or taken out, and why; the two GSS codes are in their order."""

    pair: Pair
    change: Literal["add", "remove"]
    why: str


@cache
def land_neighbours() -> Mapping[str, frozenset[str]]:
    """The GSS codes of those that border on each authority on land; empty for islands."""
    return _both_ways(_table())


def neighbours(data_dir: Path) -> Mapping[str, frozenset[str]]:
    """As `land_neighbours`, with what the operator of this data directory changed. Raises
    WrongChange.
    """
    try:
        with (data_dir / OVERRIDES).open(encoding="utf-8-sig", newline="") as lines:
            changes = list(read_changes(lines))
    except FileNotFoundError:
        return land_neighbours()
    return _both_ways(changed(_table(), changes))


def read_changes(lines: Iterable[str]) -> Iterator[Change]:
    """The rows of a table of changes; authorities by code or name. Raises WrongChange."""
    reader = csv.DictReader(lines)
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        raise WrongChange(
            f"The first line of {OVERRIDES} has to be {','.join(_COLUMNS)}, so that it is clear "
            "what each column says. Correct it."
        )
    for row in reader:
        one, other = find(row["gss"] or ""), find(row["neighbour"] or "")
        if not one or not other or one == other or row["change"] not in ("add", "remove"):
            raise WrongChange(
                f"Line {reader.line_num} of {OVERRIDES} does not say what to change. It needs two "
                "authorities by GSS code or name, then add or remove, then why. Correct it."
            )
        first, second = sorted((one.gss, other.gss))
        change = cast(Literal["add", "remove"], row["change"])
        yield Change((first, second), change, row["why"] or "")


def changed(pairs: set[Pair], changes: Iterable[Change]) -> set[Pair]:
    """The pairs after these changes; of two on the same pair the later one counts."""
    last = {one.pair: one.change for one in changes}
    added = {pair for pair, change in last.items() if change == "add"}
    return (pairs | added) - (last.keys() - added)


@cache
def _table() -> set[Pair]:
    table = resources.files("directory.country.reference").joinpath("neighbours.csv")
    with table.open(encoding="utf-8") as lines:
        return {(row["gss"], row["neighbour"]) for row in csv.DictReader(lines)}


def _both_ways(pairs: set[Pair]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        found[one].add(other)
        found[other].add(one)
    return {one.gss: frozenset(found[one.gss]) for one in all_authorities()}
