"""From what somebody typed for a postcode to the authority there, and the point.

Looked up in the installed postcode directory, see postcode_files.py: living postcodes and ended
ones, because old records carry them. A file is read when the first postcode with its letter is
asked for (half a second for the largest), and then kept small: 17 bytes a postcode, 50 MB for all.
"""

import re
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from math import isnan
from typing import NamedTuple

from directory.country.authorities.service import Authority, answering_for
from directory.country.reference.errors import NoPlace, NoPostcode, UnknownPostcode
from directory.country.reference.grid import Point
from directory.country.reference.postcode_files import british, codes_at, columns, letters

_WIDTH = 7  # characters of a postcode in the files
_LONGEST_TYPED = 20
_FORM = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?|GIR)([0-9][A-Z]{2})")
_OUTSIDE = ("GY", "IM", "JE")


class Place(NamedTuple):
    """A postcode as it is written ("LS1 1UR"), the authority that answers there, and its point."""

    postcode: str
    authority: Authority
    point: Point


def written(typed: str) -> str:
    """A postcode as it should be written: "ls11ur" is LS1 1UR; the letter O or I where a figure
    must stand is taken for it. Raises NoPostcode.
    """
    text = re.sub(r"[\s.\-]", "", typed.upper()) if len(typed) <= _LONGEST_TYPED else ""
    if len(text) > 3:
        text = text[:-3] + text[-3].translate({ord("O"): "0", ord("I"): "1"}) + text[-2:]
    if not (form := _FORM.fullmatch(text)):
        raise NoPostcode(
            "This is not a whole UK postcode. Postcodes look like LS1 1UR or SW1A 1AA; type it "
            "again with both halves."
        )
    return f"{form[1]} {form[2]}"


def look_up(typed: str) -> Place:
    """Where a postcode is. Raises NoPostcode, UnknownPostcode or NoPlace."""
    postcode = written(typed)
    if postcode.startswith(_OUTSIDE):
        raise NoPlace(
            f"{postcode} is in Guernsey, Jersey or the Isle of Man, which belong to no authority "
            "of the United Kingdom. Name the authority instead, if one is meant."
        )
    outward, inward = postcode.split()
    known = _letter(postcode[0])
    at = known.at(f"{outward:4}{inward}".encode()) if known else None
    if known is None or at is None:
        raise UnknownPostcode(
            f"{postcode} is not in the postcode directory. Look whether it is typed correctly; if "
            "it was made in the last months, name the authority instead."
        )
    authority = answering_for(known.codes[known.code[at]])
    easting, northing = known.eastings[at], known.northings[at]
    if authority is None or isnan(easting):
        raise NoPlace(
            f"{postcode} is a postcode without a place, such as a large organisation's or one that "
            "has ended. Name the authority instead."
        )
    return Place(postcode, authority, british(postcode, easting, northing))


def authorities_at(typed: Iterable[str]) -> dict[str, str | None]:
    """The GSS codes of the authorities that answer at many postcodes, by what was typed; None for
    one that is not known or has no place. What is no whole postcode is left out. Each file is read
    once, and nothing of it is kept.
    """
    keys: dict[str, str] = {}
    for one in typed:
        with suppress(NoPostcode):
            outward, inward = written(one).split()
            keys[one] = f"{outward:4}{inward}"
    of_letters: dict[str, set[str]] = defaultdict(set)
    for key in keys.values():
        of_letters[key[0]].add(key)
    found: dict[str, Authority | None] = {}
    for letter in of_letters.keys() & letters():
        for key, code in codes_at(letter, of_letters[letter]).items():
            found[key] = answering_for(code)
    return {
        one: authority.gss if (authority := found.get(key)) else None for one, key in keys.items()
    }


@cache
def authorities_in(district: str) -> frozenset[str]:
    """The GSS codes of the authorities that postcodes of a district, such as LS6, lie in; none for
    what is no district.
    """
    known = _letter(district[:1]) if len(district) <= _WIDTH - 3 else None
    if known is None:
        return frozenset()
    start, end = (f"{district:4}".encode() + mark for mark in (b"", b"\xff"))
    places = range(len(known.code))
    first, after = (bisect_left(places, key, key=known.key) for key in (start, end))
    codes = {known.codes[number] for number in set(known.code[first:after])}
    return frozenset(one.gss for code in codes if (one := answering_for(code)))


class _Letter(NamedTuple):
    """All postcodes of a letter, in their order; `code` numbers the local authority in `codes`."""

    keys: bytes
    code: "array[int]"
    eastings: "array[float]"
    northings: "array[float]"
    codes: list[str]

    def at(self, key: bytes) -> int | None:
        """Where this postcode stands; None if nowhere."""
        at = bisect_left(range(len(self.code)), key, key=self.key)
        return at if at < len(self.code) and self.key(at) == key else None

    def key(self, at: int) -> bytes:
        return self.keys[at * _WIDTH : (at + 1) * _WIDTH]


@cache
def _letter(letter: str) -> _Letter | None:
    if letter not in letters():
        return None
    held = columns(letter)
    numbers: dict[str, int] = {}
    # Metres below 16 million are exact in four bytes.
    return _Letter(
        "".join(held.postcodes).encode(),
        array("H", [numbers.setdefault(str(code), len(numbers)) for code in held.codes]),
        array("f", held.eastings),
        array("f", held.northings),
        list(numbers),
    )
