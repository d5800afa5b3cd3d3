"""By when: a time of a nation's table as a day, shortened where the charter says so.

Working days are those of the nation of the authority that owes it, see
`directory.country.reference.working_days`. A charter that names more days than the
law does changes nothing.
"""

from dataclasses import dataclass
from datetime import date

from msgspec import UNSET

from directory.country.reference.working_days import add_working_days
from directory.country.rules.table import Event, nation_of, rules_for
from protocols.charter import Rules as CharterRules


@dataclass(frozen=True, slots=True)
class Due:
    """A day by which something has to be done, and which rule says so.

    `before`: it has to be done before that day, as what is due before a placement starts; a day is
    the finest that anybody records. `shortened`: the charter's working days, where they are fewer
    than the law's.
    """

    day: date
    before: bool
    words: str
    source: str
    shortened: int | None = None

    def is_late(self, on: date) -> bool:
        """Whether what is done on this day is done too late."""
        return on >= self.day if self.before else on > self.day


def due(
    event: Event, authority: str, begins: date, charter: CharterRules, *, late: bool = False
) -> Due:
    """By when an authority (GSS code) owes it; `begins` is the day that the time is reckoned from.

    What is asked for first is due before that day. `late` reckons the time that there is where that
    could not be, as in an emergency, or that there always is, as for an acknowledgement.
    """
    rule = rules_for(authority).deadlines[event]
    if not late:
        return Due(begins, before=True, words=rule.first, source=rule.source)
    agreed = getattr(charter, rule.charter) if rule.charter else UNSET
    shorter = agreed if isinstance(agreed, int) and agreed < rule.working_days else None
    return Due(
        add_working_days(begins, shorter or rule.working_days, nation_of(authority)),
        before=False,
        words=f"{rule.otherwise} ({shorter} by the charter)" if shorter else rule.otherwise,
        source=rule.source,
        shortened=shorter,
    )
