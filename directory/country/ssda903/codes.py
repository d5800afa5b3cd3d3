"""Which codes a column of the return may have in which year, from `codes.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TypeAlias

YEARS = range(2017, 2027)
"""The years in which a return was collected: that of 2026 ends on 31 March 2026."""

Codes: TypeAlias = Mapping[str, frozenset[str]]


@cache
def codes_of(year: int | None) -> Codes:
    """The codes by column in the return of one of YEARS; without a year, those of any of them."""
    if year is not None:
        return MappingProxyType(_by_year()[year])
    columns = _by_year()[YEARS[0]]
    return MappingProxyType(
        {name: frozenset().union(*(one[name] for one in _by_year().values())) for name in columns}
    )


@cache
def _by_year() -> dict[int, dict[str, frozenset[str]]]:
    table = resources.files("directory.country.ssda903").joinpath("codes.toml").read_text("utf-8")
    changes = tomllib.loads(table)
    held: dict[str, frozenset[str]] = {}
    found: dict[int, dict[str, frozenset[str]]] = {}
    for year in YEARS:
        held = held | {name: frozenset(one) for name, one in changes.get(str(year), {}).items()}
        found[year] = held
    return found
