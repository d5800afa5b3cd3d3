"""Sample homes look like England's, are the same each time, and can be taken for no real one."""

from collections import Counter
from datetime import date
from typing import get_args

import pytest

from directory.country.authorities.errors import UnknownAuthority
from directory.country.authorities.service import all_authorities
from directory.intake.screening.service import screen
from directory.providers.statements.checking import is_stale
from directory.records.samples.commissioning import sample_commissioning
from directory.records.samples.lists import earlier_list, latest_list
from directory.records.samples.profiles import PROFILES
from directory.records.samples.service import sample_homes
from directory.records.samples.statements import sample_statements
from protocols.records import Home, Need, decode_record, encode_record

KENT = "E10000016"
TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def many() -> list[Home]:
    return sample_homes(KENT, count=400)


def share(found: int, of: int) -> float:
    return 100 * found / of


def test_every_sample_keeps_to_the_published_schema(many: list[Home]) -> None:
    for one in many:
        assert decode_record(encode_record(one)) == one


def test_the_same_seed_gives_the_same_homes_and_another_seed_others() -> None:
    assert sample_homes(KENT, seed=3) == sample_homes(KENT, seed=3)
    assert sample_homes(KENT, seed=3) != sample_homes(KENT, seed=4)


def test_what_was_first_drawn_is_drawn_for_ever() -> None:
    assert [one.name for one in sample_homes(KENT, count=3)] == [
        "Walnut Lark House",
        "Tartan Linnet Cottage",
        "Gingham Hare House",
    ]


def test_a_sample_can_be_taken_for_no_real_home(many: list[Home]) -> None:
    for one in many:
        assert one.urn.startswith("SAMPLE-E10000016-")
        assert "not a real home" in one.source.name
        assert one.provider is not None
        assert one.provider.endswith("(fictional)")


def test_made_up_statements_are_of_sample_homes_and_fit_to_be_published(many: list[Home]) -> None:
    fresh, older, overdue = sample_statements(many, TODAY)
    for one in (fresh, older, overdue):
        assert decode_record(encode_record(one)) == one
        assert one.urn.startswith("SAMPLE-")
        assert "made up" in one.sections[0].text
        for section in one.sections:
            assert screen(section.text) == [], section.matter
    assert not is_stale(fresh.reviewed_on, TODAY)
    assert is_stale(overdue.reviewed_on, TODAY)


def test_what_a_real_authority_is_said_to_want_is_said_to_be_made_up() -> None:
    wants = sample_commissioning(KENT, TODAY)
    assert decode_record(encode_record(wants)) == wants
    assert wants.statement
    names = [one.name for one in (wants.referrals, wants.notices, *wants.frameworks)]
    for name in (*names, wants.statement.title, *(one.what for one in wants.calendar)):
        assert "made up" in name
    for office in (wants.referrals, wants.notices):
        assert office.email.endswith(".example.org")


def test_between_the_sample_lists_a_few_homes_change(many: list[Home]) -> None:
    before, now = earlier_list(many), latest_list(many)
    was = {one.urn: one for one in before.registrations}
    differ = [one.urn for one in now.registrations if was.get(one.urn, one) != one]
    assert len(differ) == 2
    assert len(was.keys() - {one.urn for one in now.registrations}) == 1
    assert all(one.urn.startswith("SAMPLE-") for one in before.registrations)


def test_no_two_samples_of_the_country_share_a_urn() -> None:
    urns = [one.urn for area in all_authorities() for one in sample_homes(area.gss, count=2)]
    assert len(set(urns)) == len(urns) == 436


def test_no_two_homes_of_an_authority_share_a_name(many: list[Home]) -> None:
    assert len({one.name for one in many}) == 400


def test_places_are_spread_as_in_england(many: list[Home]) -> None:
    sizes = Counter(one.places for one in many)
    for places, expected in ((1, 8), (2, 20), (3, 25), (4, 21), (5, 11)):
        assert share(sizes[places], 400) == pytest.approx(expected, abs=1)
    assert max(one.places or 0 for one in many) == 12


def test_grades_are_spread_as_in_england(many: list[Home]) -> None:
    grades = Counter(one.judgement.overall for one in many if one.judgement)
    judged = grades.total()
    assert share(400 - judged, 400) == pytest.approx(15, abs=1)
    assert share(grades["Good"], judged) == pytest.approx(70, abs=2)
    assert share(grades["Outstanding"], judged) == pytest.approx(13, abs=1)
    assert share(grades["Requires improvement to be good"], judged) == pytest.approx(14, abs=1)
    assert 1 <= share(grades["Inadequate"], judged) <= 3


def test_five_homes_in_six_are_private(many: list[Home]) -> None:
    sectors = Counter(one.sector for one in many)
    assert share(sectors["Private"], 400) == pytest.approx(83, abs=1)


def test_every_need_is_met_somewhere(many: list[Home]) -> None:
    met = {need for one in many if one.description for need in one.description.needs}
    assert met == set(get_args(Need))


def test_a_few_homes_are_not_described(many: list[Home]) -> None:
    assert share(sum(one.description is None for one in many), 400) == pytest.approx(8, abs=1)


def test_a_home_for_one_child_says_so(many: list[Home]) -> None:
    for one in many:
        if one.description and one.places == 1:
            assert "solo-placement" in one.description.needs
            assert "one place" in one.description.summary


def test_a_home_was_registered_before_it_was_inspected(many: list[Home]) -> None:
    for one in many:
        assert one.registered_on < one.source.as_at
        if one.judgement:
            assert one.registered_on < one.judgement.inspected_on < one.source.as_at


def test_every_size_suits_some_kind_of_home() -> None:
    for places in range(1, 13):
        assert any(places in profile.places for profile in PROFILES)


@pytest.mark.parametrize("count", [0, -1, 401])
def test_a_number_that_cannot_be_made_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="ask for 1 to 400"):
        sample_homes(KENT, count=count)


def test_an_unknown_authority_has_no_samples() -> None:
    with pytest.raises(UnknownAuthority):
        sample_homes("W06000017")
