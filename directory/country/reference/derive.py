"""The tables of places, derived afresh from the postcode directory: `make reference` writes them.

- positions.csv: the mean of an authority's postcodes, to 100 m.
- postcode_districts.csv: the mean of a postcode district's postcodes, to 100 m.
- outlines.csv: a drawing of each authority from the same squares, see outlines.py.
- neighbours.csv: authorities whose postcodes come near each other with nobody's between. Each
  square kilometre belongs to the authority with most postcodes in it; empty ones are taken by those
  beside them, a kilometre at a time; whose squares then touch, close enough to where people live,
  are neighbours. Postcodes know neither water nor moors, so neighbours_by_hand.csv takes out the
  pairs that tidal water parts, or that only seem to touch, and adds those whose border nobody lives
  near.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from math import isnan
from pathlib import Path
from typing import NamedTuple, TypeAlias

from directory.country.authorities.service import answering_for
from directory.country.reference.grid import Point
from directory.country.reference.neighbours import Change, Pair, changed, read_changes
from directory.country.reference.outlines import outlines
from directory.country.reference.postcode_files import Columns, british, columns, letters

Square: TypeAlias = tuple[int, int]

_SQUARE = 1_000  # metres
_FARTHEST = 4  # squares from a postcode to the other authority's postcode, by way of the border
_ROUND = -2  # to 100 metres


class Derived(NamedTuple):
    """Each table's text by the name of its file; how many postcodes they come from; and the codes
    of local authorities in the United Kingdom that we do not know.
    """

    tables: dict[str, str]
    postcodes: int
    unknown: frozenset[str]


def derive() -> Derived:
    """Everything from the installed postcode directory; takes some ten seconds."""
    authorities: dict[str, _Mean] = defaultdict(_Mean)
    districts: dict[str, _Mean] = defaultdict(_Mean)
    squares: dict[Square, Counter[str]] = defaultdict(Counter)
    count, unknown = 0, set[str]()
    for letter in letters():
        held = columns(letter)
        count += len(held.postcodes)
        for (code, district), references in _grouped(held).items():
            if authority := answering_for(code):
                points = [british(district, *reference) for reference in references]
                authorities[authority.gss].add(points)
                districts[district].add(points)
                for square in map(_square, points):
                    squares[square][authority.gss] += 1
            else:
                unknown.add(code)
    tables = {
        "positions.csv": _csv(("gss", "easting", "northing"), _means(authorities)),
        "postcode_districts.csv": _csv(("district", "easting", "northing"), _means(districts)),
        "neighbours.csv": _csv(("gss", "neighbour"), sorted(changed(touching(squares), by_hand()))),
        "outlines.csv": _csv(("gss", "kilometres"), _drawn(squares)),
    }
    return Derived(tables, count, frozenset(unknown))


def touching(squares: dict[Square, Counter[str]]) -> set[Pair]:
    """The pairs of authorities, in the order of their codes, whose squares touch."""
    owner = _owners(squares)
    steps = dict.fromkeys(owner, 0)
    edge = list(owner)
    for step in range(1, _FARTHEST):
        edge = list(_taken(edge, owner))
        steps.update(dict.fromkeys(edge, step))
    return {
        (min(one, other), max(one, other))
        for (east, north), one in owner.items()
        for beside in ((east + 1, north), (east, north + 1))
        if (other := owner.get(beside, one)) != one
        and steps[east, north] + 1 + steps[beside] <= _FARTHEST
    }


def _owners(squares: dict[Square, Counter[str]]) -> dict[Square, str]:
    return {square: counts.most_common(1)[0][0] for square, counts in squares.items()}


def _drawn(squares: dict[Square, Counter[str]]) -> Iterator[tuple[str, str]]:
    """Each authority's rings: eastings and northings in turn, a semicolon between rings."""
    for gss, rings in outlines(_owners(squares)).items():
        yield gss, ";".join(" ".join(f"{x} {y}" for x, y in ring) for ring in rings)


def by_hand() -> list[Change]:
    """What people know and postcodes do not."""
    table = resources.files("directory.country.reference").joinpath("neighbours_by_hand.csv")
    with table.open(encoding="utf-8") as lines:
        return list(read_changes(lines))


def _grouped(held: Columns) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """The grid references that there are, by local authority and postcode district."""
    groups: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for postcode, code, easting, northing in zip(*held, strict=True):
        if not isnan(easting):
            groups[str(code), postcode[:4].rstrip()].append((easting, northing))
    return groups


class _Mean:
    def __init__(self) -> None:
        self._count, self._east, self._north = 0, 0.0, 0.0

    def add(self, points: Sequence[Point]) -> None:
        self._count += len(points)
        self._east += sum(east for east, _north in points)
        self._north += sum(north for _east, north in points)

    def rounded(self) -> tuple[int, int]:
        east, north = self._east / self._count, self._north / self._count
        return int(round(east, _ROUND)), int(round(north, _ROUND))


def _square(point: Point) -> Square:
    return int(point.easting // _SQUARE), int(point.northing // _SQUARE)


def _taken(edge: Iterable[Square], owner: dict[Square, str]) -> Iterator[Square]:
    for east, north in edge:
        for beside in (
            *((east + 1, north), (east - 1, north)),
            *((east, north + 1), (east, north - 1)),
        ):
            if beside not in owner:
                owner[beside] = owner[east, north]
                yield beside


def _means(of: dict[str, _Mean]) -> list[tuple[str, int, int]]:
    return [(name, *of[name].rounded()) for name in sorted(of)]


def _csv(heading: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([heading, *rows])
    return text.getvalue()


if __name__ == "__main__":
    for name, text in derive().tables.items():
        (Path(__file__).parent / name).write_text(text, encoding="utf-8")
