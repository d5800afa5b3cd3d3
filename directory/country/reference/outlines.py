"""Outlines of authorities from the squares in which their postcodes lie, for a map of the country.

Postcodes know where people live and not where a coast or a border runs, so an outline is a drawing
and no boundary in law. Gaps inland are closed: squares nobody lives in are taken by those beside
them, a square at a time, and what has grown into the sea by that is taken away again. Borders are
then followed from where three meet to where three meet, and straightened once for both sides
(Douglas and Peucker), so that neighbours still meet without a gap.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import pairwise
from typing import TypeAlias

Square: TypeAlias = tuple[int, int]
Corner: TypeAlias = tuple[int, int]
Line: TypeAlias = list[Corner]
Step: TypeAlias = tuple[Corner, Corner]

_GROWN = 3  # squares: gaps of twice as many are closed
_SMALLEST = 3  # squares: smaller parts are left out, but never the largest of an authority
_STRAIGHT = 0.75  # squares that a border may be off by
_EDGES = {
    (1, 0): ((1, 0), (1, 1)),
    (-1, 0): ((0, 0), (0, 1)),
    (0, 1): ((0, 1), (1, 1)),
    (0, -1): ((0, 0), (1, 0)),
}
"""For each square beside one, the two corners of the edge between."""
_BESIDE = tuple(_EDGES)


def outlines(owner: Mapping[Square, str]) -> dict[str, list[Line]]:
    """The rings around each owner's squares, in corners of squares; one around a hole runs the
    other way round. `owner` are the squares in which somebody lives.
    """
    owned = _closed(owner)
    sides: defaultdict[str, list[Line]] = defaultdict(list)
    for border in _borders(owned):
        line = _straightened(border)
        left, right = _sides(owned, border[0], border[1])
        if left is not None:
            sides[left].append(line)
        if right is not None:
            sides[right].append(line[::-1])
    return {one: list(_rings(lines)) for one, lines in sorted(sides.items())}


def _closed(owner: Mapping[Square, str]) -> dict[Square, str]:
    """With the gaps closed, and without what grew into the sea."""
    owned = dict(owner)
    edge = list(owner)
    for _ in range(_GROWN):
        edge = list(_taken(edge, owned))
    sea = _outside(owned)
    while edge:  # moors and lakes, however wide
        edge = list(_taken(edge, owned, sea))
    gone = set(sea)
    edge = list(sea)
    for _ in range(_GROWN):
        edge = [at for at in dict.fromkeys(_around(edge)) if at in owned and at not in gone]
        gone.update(edge)
    return {at: one for at, one in owned.items() if at in owner or at not in gone}


def _outside(owned: Mapping[Square, str]) -> set[Square]:
    """The free squares from which a way leads out, as far as one beside what is owned."""
    easts, norths = zip(*owned, strict=True)
    west, east = min(easts) - 1, max(easts) + 1
    south, north = min(norths) - 1, max(norths) + 1
    found = {(west, south)}
    waiting = [(west, south)]
    while waiting:
        for at in _around([waiting.pop()]):
            inside = west <= at[0] <= east and south <= at[1] <= north
            if inside and at not in owned and at not in found:
                found.add(at)
                waiting.append(at)
    return found


def _around(squares: Iterable[Square]) -> Iterator[Square]:
    for east, north in squares:
        for x, y in _BESIDE:
            yield east + x, north + y


def _taken(
    edge: Iterable[Square], owned: dict[Square, str], never: Set[Square] = frozenset()
) -> Iterator[Square]:
    """The free squares beside these, but `never` these; whose they are, is then in `owned`."""
    for east, north in edge:
        for x, y in _BESIDE:
            if (at := (east + x, north + y)) not in owned and at not in never:
                owned[at] = owned[east, north]
                yield at


def _sides(owned: Mapping[Square, str], a: Corner, b: Corner) -> tuple[str | None, str | None]:
    """Whose square is left of a step from one corner to the next, and whose is right."""
    (ax, ay), (bx, by) = a, b
    if ay == by:
        x = min(ax, bx)
        above, below = owned.get((x, ay)), owned.get((x, ay - 1))
        return (above, below) if bx > ax else (below, above)
    y = min(ay, by)
    east, west = owned.get((ax, y)), owned.get((ax - 1, y))
    return (west, east) if by > ay else (east, west)


def _borders(owned: Mapping[Square, str]) -> list[Line]:
    """Every border, from one corner where several meet to the next, or around and back."""
    beside: defaultdict[Corner, list[Corner]] = defaultdict(list)
    for (x, y), one in owned.items():
        for (dx, dy), edge in _EDGES.items():
            other = owned.get((x + dx, y + dy))
            if other != one and (other is None or dx + dy > 0):  # each border once
                a, b = ((x + east, y + north) for east, north in edge)
                beside[a].append(b)
                beside[b].append(a)
    walked: set[Step] = set()
    meeting = [corner for corner in sorted(beside) if len(beside[corner]) != 2]
    found = []
    for start in (*meeting, *sorted(beside)):
        for following in sorted(beside[start]):
            if (start, following) in walked:
                continue
            line = [start, following]
            while len(beside[line[-1]]) == 2 and line[-1] != start:
                back, on = beside[line[-1]]
                line.append(on if back == line[-2] else back)
            walked.update(pairwise(line))
            walked.update(pairwise(line[::-1]))
            found.append(line)
    return found


def _straightened(line: Line) -> Line:
    if line[0] == line[-1]:
        middle = max(range(len(line)), key=lambda at: _far(line[at], line[0], line[0]))
        return _straightened(line[: middle + 1])[:-1] + _straightened(line[middle:])
    kept = {0, len(line) - 1}
    waiting = [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        worst = max(range(first + 1, last), key=lambda at: _far(line[at], line[first], line[last]))
        if _far(line[worst], line[first], line[last]) > _STRAIGHT:
            kept.add(worst)
            waiting += [(first, worst), (worst, last)]
    return [line[at] for at in sorted(kept)]


def _far(point: Corner, a: Corner, b: Corner) -> float:
    """How far a point is from the line between two others."""
    along = complex(b[0] - a[0], b[1] - a[1])
    there = complex(point[0] - a[0], point[1] - a[1])
    if not along:
        return abs(there)
    part = max(0.0, min(1.0, (there / along).real))
    return abs(there - along * part)


def _rings(borders: Iterable[Line]) -> Iterator[Line]:
    """The borders of one owner put together, the larger ones alone."""
    beginning: defaultdict[Corner, list[Line]] = defaultdict(list)
    for border in borders:
        beginning[border[0]].append(border)
    rings = []
    while any(beginning.values()):
        start = next(corner for corner, lines in beginning.items() if lines)
        ring = [start]
        while beginning[ring[-1]]:
            ring += beginning[ring[-1]].pop()[1:]
        rings.append(ring)
    largest = max(rings, key=lambda ring: abs(_area(ring)))
    for ring in rings:
        if ring is largest or abs(_area(ring)) > _SMALLEST:
            yield ring


def _area(ring: Line) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2
