"""From episodes to placements: one placement may be several rows.

A new episode begins with each change of the legal status too (RNE is L); the child stays where it
was. So rows of one child that follow one another without a day between, in one place, are one
placement. Rows that say the same twice count once.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter

from msgspec import Struct

from directory.country.ssda903.episodes import Episode
from directory.country.ssda903.meanings import SHORT_BREAKS

_STAYED = ("L", None)  # None: the code could not be read


class Placed(Struct, frozen=True):
    """A placement as the return tells it, by its episodes in the order of their days."""

    episodes: tuple[Episode, ...]

    @property
    def child(self) -> str:
        """The authority's own identifier."""
        return self.episodes[0].child

    @property
    def row(self) -> int:
        """The row of its first episode, as a spreadsheet counts."""
        return self.episodes[0].row

    @property
    def began(self) -> date:
        """The first day that the return tells; see `began_before`."""
        return self.episodes[0].began

    @property
    def began_before(self) -> bool:
        """Whether the placement is older than its first row: that row only changed the legal
        status, and what was before it is in the return of an earlier year.
        """
        return self.episodes[0].why_new == "L"

    @property
    def ended(self) -> date | None:
        """None while it goes on."""
        return self.episodes[-1].ended

    @property
    def now(self) -> Episode:
        """The latest episode, which says how things are: place, legal status, address."""
        return self.episodes[-1]

    @property
    def short_breaks(self) -> bool:
        """Whether it is a series of short breaks from the first row to the last."""
        return all(one.legal_status in SHORT_BREAKS for one in self.episodes)


def placements_of(episodes: Iterable[Episode]) -> Iterator[Placed]:
    """The placements of all children, by child and day. The episodes may come in any order."""
    ordered = sorted(episodes, key=attrgetter("child", "began", "row"))
    for _, of_child in groupby(ordered, key=attrgetter("child")):
        held: list[Episode] = []
        for one in of_child:
            if held and _same(held[-1], one):
                continue
            if held and not _goes_on(held[-1], one):
                yield Placed(tuple(held))
                held = []
            held.append(one)
        yield Placed(tuple(held))


def _goes_on(before: Episode, after: Episode) -> bool:
    return (
        after.why_new in _STAYED and before.ended == after.began and _place(before) == _place(after)
    )


def _same(one: Episode, other: Episode) -> bool:
    return (one.began, one.ended, _place(one)) == (other.began, other.ended, _place(other)) and (
        one.legal_status == other.legal_status
    )


def _place(one: Episode) -> tuple[str | None, ...]:
    return (one.place, one.postcode, one.urn)
