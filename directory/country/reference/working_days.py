"""Working days: what deadlines in regulations are counted in.

A working day is any day but Saturday, Sunday, Christmas Day, Good Friday and a bank holiday in that
part of the United Kingdom (Banking and Financial Dealings Act 1971), so each nation has its own.
Days are those of Europe/London, whatever the server's clock says. Source: the package `holidays`.
"""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from holidays import country_holidays

from directory.country.authorities.service import Nation

LONDON = ZoneInfo("Europe/London")
_PART: Final[dict[Nation, str]] = {
    "England": "ENG",
    "Wales": "WLS",
    "Scotland": "SCT",
    "Northern Ireland": "NIR",
}
_SATURDAY = 5


def london_day(moment: datetime) -> date:
    """The day on which this moment falls in the United Kingdom; `moment` says its time zone."""
    if moment.tzinfo is None:
        raise ValueError("moment must say its time zone")
    return moment.astimezone(LONDON).date()


def is_working_day(day: date, nation: Nation) -> bool:
    """Whether people work on this day in this nation."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(nation, day.year)


def add_working_days(start: date, count: int, nation: Nation) -> date:
    """The last day of a time of `count` working days that begins after `start`, as "within 5
    working days of the start of the placement" is counted. `start` itself when `count` is 0.
    """
    if count < 0:
        raise ValueError("count must not be negative")
    day = start
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, nation)
    return day


@cache
def bank_holidays(nation: Nation, year: int) -> frozenset[date]:
    """The days of a year on which banks are closed in this nation."""
    return frozenset(country_holidays("GB", subdiv=_PART[nation], years=year))


def last_year_known() -> int:
    """The last year for which the installed package gives bank holidays."""
    return country_holidays("GB", subdiv=_PART["England"]).end_year
