"""How one authority's name is recognised however it is written.

"St. Helens", "Saint Helens Borough Council" and "ST HELENS" are one name. Case, accents, stops,
hyphens and "&" never distinguish two authorities; a title such as "London Borough of" or "County
Council" does only by the kind of authority that may bear it, so that "Leicester County Council" is
not taken for the city of Leicester. What no rule yields stands in authorities.csv.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, TypeAlias, get_args

Kind: TypeAlias = Literal["UA", "MD", "LBO", "CTY", "CC", "WPA", "SCO", "NID"]

ALL: frozenset[Kind] = frozenset(get_args(Kind))
_CITIES: frozenset[Kind] = ALL - {"CTY", "CC"}
_COUNTIES: frozenset[Kind] = frozenset({"CTY", "WPA"})
_DISTRICTS: frozenset[Kind] = frozenset({"MD", "NID"})
_LONDON: frozenset[Kind] = frozenset({"LBO"})
_METROPOLITAN: frozenset[Kind] = frozenset({"MD"})
_ROYAL: frozenset[Kind] = frozenset({"UA", "LBO"})
_UNITARY: frozenset[Kind] = frozenset({"UA", "WPA"})
_WELSH: frozenset[Kind] = frozenset({"WPA"})

_BEFORE: tuple[tuple[str, frozenset[Kind]], ...] = (
    ("the ", ALL),
    ("council of the ", ALL),
    ("london borough of ", _LONDON),
    ("royal borough of ", _ROYAL),
    ("metropolitan borough of ", _METROPOLITAN),
    ("borough of ", _CITIES),
    ("city of ", _CITIES),
    ("county of ", _UNITARY | _COUNTIES),
    ("city and county of ", _WELSH),
    ("county borough of ", _WELSH),
)
_AFTER: tuple[tuple[str, frozenset[Kind]], ...] = (
    (" council", ALL),
    (" corporation", frozenset({"CC"})),
    (" county", _COUNTIES),
    (" city", _CITIES),
    (" borough", _CITIES),
    (" county borough", _WELSH),
    (" boro", _CITIES),
    (" royal", _ROYAL),
    (" london", _LONDON),
    (" metropolitan", _METROPOLITAN),
    (" district", _DISTRICTS),
    (" mbc", _METROPOLITAN),
    (" mdc", _METROPOLITAN),
    (" ua", _UNITARY),
    (" unitary authority", _UNITARY),
    (" city of", _CITIES),
    (" county of", _UNITARY),
)


def plain(name: str) -> str:
    """The letters and digits of a name, in lower case, in words parted by one space.

    "&" is "and", "Saint" is "St", apostrophes and stops are dropped, all else parts words.
    """
    text = unicodedata.normalize("NFKD", name).casefold().replace("&", " and ")
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"['’.]", "", text)).split()
    return " ".join("st" if word == "saint" else word for word in words)


def readings(name: str) -> Iterator[tuple[str, frozenset[Kind]]]:
    """Every way to read a name, the most literal first, with the kinds it may then stand for."""
    waiting: list[tuple[str, frozenset[Kind]]] = [(plain(name), ALL)]
    for text, kinds in waiting:
        yield text, kinds
        for title, bearers in _BEFORE:
            if text.startswith(title) and (left := kinds & bearers):
                waiting.append((text.removeprefix(title), left))
        for title, bearers in _AFTER:
            if text.endswith(title) and (left := kinds & bearers):
                waiting.append((text.removesuffix(title), left))
