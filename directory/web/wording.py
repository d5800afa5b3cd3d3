"""Times and counts as people in the United Kingdom read them."""

from datetime import datetime, timedelta

from directory.country.reference.working_days import LONDON
from directory.homes.labels import day

_MINUTE = timedelta(minutes=1)
_STEPS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", _MINUTE))


def at(when: datetime) -> str:
    """Such as "3 March 2026 at 14:05", by the clocks of the United Kingdom."""
    there = when.astimezone(LONDON)
    return f"{day(there)} at {there:%H:%M}"


def long(lasted: timedelta) -> str:
    """Such as "3 hours": in the greatest measure of which there is a whole one."""
    for name, size in _STEPS:
        if (count := lasted // size) > 0:
            return counted(count, name)
    return "less than a minute"


def counted(count: int, name: str, several: str = "") -> str:
    """Such as "1 entry" or "3,000 entries"; `several` where it is more than an s."""
    return f"{count:,} {name if count == 1 else several or name + 's'}"


def size(count: int) -> str:
    """Such as "740 KB" or "2.4 MB"; never none."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000)):,} KB"
    return f"{count / 1_000_000:.1f} MB"


def ago(when: datetime, now: datetime) -> str:
    """Such as "3 hours ago". What is in the future by our clock is "just now"."""
    return f"{long(now - when)} ago" if now - when >= _MINUTE else "just now"
