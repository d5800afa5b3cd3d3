"""Deadlines in working days, each nation's own."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.country.authorities.service import NATIONS, Nation
from directory.country.reference.working_days import (
    add_working_days,
    is_working_day,
    last_year_known,
    london_day,
)

days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
nations = st.sampled_from(NATIONS)


@pytest.mark.parametrize(
    ("day", "nation", "works"),
    [
        (date(2025, 4, 18), "England", False),  # Good Friday
        (date(2025, 4, 21), "England", False),  # Easter Monday
        (date(2025, 4, 21), "Scotland", True),
        (date(2025, 1, 2), "Scotland", False),
        (date(2025, 1, 2), "Wales", True),
        (date(2025, 3, 17), "Northern Ireland", False),  # St Patrick
        (date(2025, 3, 17), "England", True),
        (date(2025, 7, 14), "Northern Ireland", False),  # for the 12th, a Saturday
        (date(2025, 8, 4), "Scotland", False),
        (date(2025, 8, 25), "Scotland", True),
        (date(2025, 8, 25), "Wales", False),
        (date(2025, 12, 1), "Scotland", False),  # for St Andrew, a Sunday
        (date(2023, 5, 8), "England", False),  # the coronation
        (date(2022, 9, 19), "Northern Ireland", False),  # the Queen's funeral
        (date(2025, 6, 7), "England", False),
        (date(2025, 6, 9), "England", True),
    ],
)
def test_each_nation_has_its_own_bank_holidays(day: date, nation: Nation, works: bool) -> None:
    assert is_working_day(day, nation) == works


def test_five_working_days_over_easter_are_longer_in_england_than_in_scotland() -> None:
    maundy_thursday = date(2025, 4, 17)
    assert add_working_days(maundy_thursday, 5, "England") == date(2025, 4, 28)
    assert add_working_days(maundy_thursday, 5, "Scotland") == date(2025, 4, 25)


@given(days, st.integers(1, 30), nations)
def test_a_time_ends_on_a_working_day_and_holds_as_many_as_asked(
    start: date, count: int, nation: Nation
) -> None:
    end = add_working_days(start, count, nation)
    assert is_working_day(end, nation)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(is_working_day(day, nation) for day in between) == count


@given(days, st.integers(0, 15), st.integers(0, 15), nations)
def test_one_time_after_another_is_as_long_as_both(
    start: date, one: int, other: int, nation: Nation
) -> None:
    end = add_working_days(start, one, nation)
    assert add_working_days(end, other, nation) == add_working_days(start, one + other, nation)


@given(days, st.integers(0, 15), nations)
def test_who_begins_later_never_ends_earlier(start: date, count: int, nation: Nation) -> None:
    later = start + timedelta(days=1)
    assert add_working_days(start, count, nation) <= add_working_days(later, count, nation)


def test_a_time_cannot_be_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working_days(date(2025, 1, 1), -1, "England")


def test_a_day_is_london_s_in_summer_too() -> None:
    assert london_day(datetime(2025, 6, 30, 23, 30, tzinfo=UTC)) == date(2025, 7, 1)
    assert london_day(datetime(2025, 1, 30, 23, 30, tzinfo=UTC)) == date(2025, 1, 30)
    with pytest.raises(ValueError, match="time zone"):
        london_day(datetime(2025, 6, 30, 23, 30))  # noqa: DTZ001


def test_bank_holidays_are_known_beyond_next_year() -> None:
    assert last_year_known() > datetime.now(UTC).year + 1
