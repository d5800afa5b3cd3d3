"""Quarters of the calendar year, as messages write them: 2026-Q3 is July to September 2026."""

from datetime import date, timedelta

MOST = 40
"""Quarters back to which is told: ten years."""
_MONTHS = ("January to March", "April to June", "July to September", "October to December")


def quarter_of(day: date) -> str:
    """The quarter in which a day is."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def in_words(quarter: str) -> str:
    """Such as "July to September 2026"."""
    year, _, number = quarter.partition("-Q")
    return f"{_MONTHS[int(number) - 1]} {year}"


def complete(today: date, count: int) -> list[str]:
    """The last quarters that are over, the latest first."""
    found: list[str] = []
    for _ in range(count):
        today = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1) - timedelta(days=1)
        found.append(quarter_of(today))
    return found


def asked(quarter: str, today: date) -> str | None:
    """A quarter that is asked for, as messages write it; None where it is none that is over."""
    return quarter if quarter in complete(today, MOST) else None


def last_day(quarter: str) -> date:
    """The last day of a quarter."""
    year, _, number = quarter.partition("-Q")
    after = int(number) * 3 + 1
    return date(int(year) + after // 13, after % 12 or 12, 1) - timedelta(days=1)
