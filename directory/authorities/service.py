"""The 153 English children's services authorities: by code, by name, by region.

Source: england.csv beside this file (README.md there says where its facts come from). Codes are
the ones that the Department for Education's returns use; newer and older ONS codes of the same
area lead to the same authority, which always answers with the code of the table.
"""

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import cast

from directory.authorities.errors import UnknownAuthority
from directory.authorities.spelling import Kind, plain, readings

REGIONS: tuple[str, ...] = (
    "North East",
    "North West",
    "Yorkshire and The Humber",
    "East Midlands",
    "West Midlands",
    "East of England",
    "London",
    "South East",
    "South West",
)

_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority: ONS code, name for people, region, kind and how else others write it.

    `kind` is UA unitary, MD metropolitan district, LBO London borough, CTY county, CC the City of
    London. `other_codes` are codes that other sources use for the same area.
    """

    gss: str
    name: str
    region: str
    kind: Kind
    spellings: tuple[str, ...]
    other_codes: tuple[str, ...] = ()


@cache
def all_authorities() -> tuple[Authority, ...]:
    """The 153 authorities, ordered by code."""
    table = resources.files("directory.authorities").joinpath("england.csv")
    with table.open(encoding="utf-8") as lines:
        return tuple(
            Authority(
                gss=row["gss"],
                name=row["name"],
                region=row["region"],
                kind=cast(Kind, row["type"]),
                spellings=tuple(filter(None, row["spellings"].split("|"))),
                other_codes=tuple(filter(None, row["other_codes"].split("|"))),
            )
            for row in csv.DictReader(lines)
        )


def by_gss(gss: str) -> Authority:
    """The authority with this ONS code, present or other. Raises UnknownAuthority."""
    try:
        return _by_code()[gss]
    except KeyError:
        raise UnknownAuthority(
            f"No English children's services authority has the code {gss[:40]!r}. Codes have the "
            "form E06000001; the authority may have been replaced: look it up by its name."
        ) from None


@lru_cache(maxsize=4096)
def find(name: str) -> Authority | None:
    """The authority that somebody means by a name in any spelling, or by a code; None if nobody.

    Never guesses: a name that two authorities could bear, or an abolished one, gives None.
    """
    if len(name) > _LONGEST_NAME:
        return None
    if known := _by_code().get(name.strip().upper()):
        return known
    for text, kinds in readings(name):
        known = _by_name().get(text)
        if known and known.kind in kinds:
            return known
    return None


@cache
def in_region(region: str) -> tuple[Authority, ...]:
    """The authorities of one of the REGIONS, ordered by code; empty for anything else."""
    return tuple(one for one in all_authorities() if one.region == region)


@cache
def _by_code() -> dict[str, Authority]:
    return {code: one for one in all_authorities() for code in (one.gss, *one.other_codes)}


@cache
def _by_name() -> dict[str, Authority]:
    return {plain(text): one for one in all_authorities() for text in (one.name, *one.spellings)}
