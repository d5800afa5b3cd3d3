"""Which days of a child and a placement cannot be together, by the nation's rules.

Asked of whatever comes in, and however: typed, in a sheet, in a return, over the API.
"""

from datetime import date, timedelta
from typing import NamedTuple

from directory.country.rules.table import Rules

FARTHEST_AHEAD = timedelta(days=366)


class Misfit(NamedTuple):
    """What is wrong with a day, and the rule where one says so."""

    why: str
    rule: str = ""

    @property
    def in_full(self) -> str:
        """Both, as sentences."""
        return f"{self.why}. Rule: {self.rule}." if self.rule else f"{self.why}."


def misfits(
    rules: Rules,
    today: date,
    *,
    born_on: date | None,
    starts_on: date | None,
    expected_end: date | None = None,
    ends_on: date | None = None,
) -> dict[str, Misfit]:
    """What does not fit, by the name of the day that is to be changed."""
    wrong: dict[str, Misfit] = {}
    if starts_on and starts_on > today + FARTHEST_AHEAD:
        wrong["starts_on"] = Misfit("Start of it must be within a year from now")
    if starts_on and expected_end and expected_end < starts_on:
        wrong["expected_end"] = Misfit(
            "Expected end must be on or after the day on which it starts"
        )
    if starts_on and ends_on and ends_on < starts_on:
        wrong["ends_on"] = Misfit("The last day must not be before the first")
    if born_on and born_on > today:
        wrong["born_on"] = Misfit("Date of birth must be today or in the past")
    elif born_on and starts_on and starts_on < born_on:
        wrong["starts_on"] = Misfit("Start of it must be after the child was born")
    elif born_on and starts_on and grown_up_on(rules, born_on) <= starts_on:
        wrong["born_on"] = Misfit(
            f"Date of birth makes the child {rules.grown_up.age} or older at the start, and no "
            "longer looked after. Check both days",
            rules.grown_up.source,
        )
    return wrong


def grown_up_on(rules: Rules, born_on: date) -> date:
    """The day from which nobody born then is looked after any more; who was born on 29 February
    comes to an age on 1 March.
    """
    try:
        return born_on.replace(year=born_on.year + rules.grown_up.age)
    except ValueError:
        return date(born_on.year + rules.grown_up.age, 3, 1)
