"""The 218 authorities of the United Kingdom: by code, by name, by region and nation.

Source: authorities.csv beside this file (README.md there says where its facts come from). England's
153 are those that answer for children's services, with the codes that the Department for
Education's returns use; newer and older ONS codes of the same area lead to the same authority,
which always answers with the code of the table.
"""

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal, TypeAlias, cast

from directory.country.authorities.errors import UnknownAuthority
from directory.country.authorities.spelling import Kind, plain, readings

Nation: TypeAlias = Literal["England", "Wales", "Scotland", "Northern Ireland"]

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

NATIONS: tuple[Nation, ...] = ("England", "Wales", "Scotland", "Northern Ireland")

REGIONS_AND_NATIONS: tuple[str, ...] = (*REGIONS, *NATIONS[1:])
"""What the region of an authority can be."""

_NATION_OF: dict[str, Nation] = {nation[0]: nation for nation in NATIONS}
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority: ONS code, name for people, region, kind and how else others write it.

    `region` is one of England's nine, or the nation. `kind` is UA unitary, MD metropolitan
    district, LBO London borough, CTY county, CC the City of London, WPA Welsh, SCO Scottish, NID
    district of Northern Ireland. `other_codes` are codes that other sources use for the same area;
    `districts` are the codes of the districts into which a county is divided.
    """

    gss: str
    name: str
    region: str
    kind: Kind
    spellings: tuple[str, ...]
    other_codes: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()

    @property
    def nation(self) -> Nation:
        """The nation in which it lies, which the first letter of its code says."""
        return _NATION_OF[self.gss[0]]


@cache
def all_authorities() -> tuple[Authority, ...]:
    """The 218 authorities, ordered by code."""
    table = resources.files("directory.country.authorities").joinpath("authorities.csv")
    with table.open(encoding="utf-8") as lines:
        return tuple(
            Authority(
                gss=row["gss"],
                name=row["name"],
                region=row["region"],
                kind=cast(Kind, row["type"]),
                spellings=tuple(filter(None, row["spellings"].split("|"))),
                other_codes=tuple(filter(None, row["other_codes"].split("|"))),
                districts=tuple(filter(None, row["districts"].split("|"))),
            )
            for row in csv.DictReader(lines)
        )


def by_gss(gss: str) -> Authority:
    """The authority with this ONS code, present or other. Raises UnknownAuthority."""
    try:
        return _by_code()[gss]
    except KeyError:
        raise UnknownAuthority(
            f"No authority of the United Kingdom has the code {gss[:40]!r}. Codes have the form "
            "E06000001; the authority may have been replaced: look it up by its name."
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


def answering_for(code: str) -> Authority | None:
    """The authority that answers for the area of this ONS code: itself, or the county for one of
    its districts; None for any other code.
    """
    return _by_district().get(code) or _by_code().get(code)


def find_english(name: str) -> Authority | None:
    """As `find`, where only an authority of England can be meant."""
    known = find(name)
    return known if known and known.nation == "England" else None


@cache
def in_nation(nation: Nation) -> tuple[Authority, ...]:
    """The authorities of one of the NATIONS, ordered by code. Those of England are the 153 that
    answer for children's services.
    """
    return tuple(one for one in all_authorities() if one.nation == nation)


@cache
def in_region(region: str) -> tuple[Authority, ...]:
    """The authorities of one of the REGIONS, or of a nation other than England, ordered by code;
    empty for anything else.
    """
    return tuple(one for one in all_authorities() if one.region == region)


def known_codes() -> list[str]:
    """Every code that leads to an authority, those of earlier years too, in order."""
    return sorted(_by_code())


@cache
def _by_code() -> dict[str, Authority]:
    return {code: one for one in all_authorities() for code in (one.gss, *one.other_codes)}


@cache
def _by_district() -> dict[str, Authority]:
    return {code: one for one in all_authorities() for code in one.districts}


@cache
def _by_name() -> dict[str, Authority]:
    return {plain(text): one for one in all_authorities() for text in (one.name, *one.spellings)}


def authority_name(gss: str) -> str:
    """What people call the authority with this code; the code where there is no name for it."""
    known = find(gss)
    return known.name if known else gss
