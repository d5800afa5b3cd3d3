"""The Department for Education's table of children placed in and out of each authority's area.

"Children looked after in England, local authority of placement, net gain", as the operator puts it
into the data directory under the name NAME. CSV, with or without banner rows above the heading.
Where no number stands: c is suppressed, z not applicable, k rounds to 0.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from directory.country.authorities.errors import UnknownAuthority
from directory.country.authorities.service import by_gss

NAME = "dfe-placements.csv"
WORDS = {"c": "suppressed", "z": "not applicable", "k": "rounds to 0"}
_MOST_ROWS = 50_000
_NEEDED = ("time_period", "geographic_level", "new_la_code", "characteristic", "number")
_KINDS: dict[str, "Kind"] = {"1. ": "received", "2. ": "sent"}

Kind: TypeAlias = Literal["sent", "received"]


@dataclass(frozen=True, slots=True)
class Placed:
    """Children of an authority placed outside its area (`sent`), or of others in it (`received`),
    on 31 March of a year: a number, or why there is none.
    """

    year: int
    kind: Kind
    number: int | None
    why: str = ""


def of_authority(folder: Path, authority: str) -> list[Placed]:
    """What the table says of an authority (GSS code), the latest year first; nothing where there is
    no table, or it is another.
    """
    try:
        with (folder / NAME).open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            found = list(_of(csv.reader(lines), authority))
    except (FileNotFoundError, csv.Error):
        return []
    return sorted(found, key=lambda one: (-one.year, one.kind))


def _of(rows: Iterator[list[str]], authority: str) -> Iterator[Placed]:
    heading = next((row for row in rows if row[:1] == ["time_period"]), [])
    if any(name not in heading for name in _NEEDED):
        return
    places = [heading.index(name) for name in _NEEDED]
    for _, row in zip(range(_MOST_ROWS), rows, strict=False):
        if len(row) < len(heading):
            continue
        year, level, code, characteristic, number = (row[place].strip() for place in places)
        kind = _KINDS.get(characteristic[:3])
        if level != "Local authority" or kind is None or not year[:4].isdecimal():
            continue
        if _today(code) == authority:
            whole = int(number) if number.isdecimal() else None
            yield Placed(int(year[:4]), kind, whole, "" if whole is not None else _why(number))


def _why(code: str) -> str:
    return WORDS.get(code, "not said")


def _today(code: str) -> str | None:
    try:
        return by_gss(code).gss
    except UnknownAuthority:
        return None
