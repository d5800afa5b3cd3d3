"""Which authorities there are, and that each is found however it is written."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from directory.authorities.errors import UnknownAuthority
from directory.authorities.service import (
    REGIONS,
    all_authorities,
    by_gss,
    find,
    in_region,
)
from directory.authorities.spelling import plain

DFE = Path(__file__).parents[3] / "shared/data/dfe/la_cla_on_31_march_la_of_placement_netgain.csv"


def test_there_are_153_authorities_of_five_kinds() -> None:
    kinds = Counter(one.kind for one in all_authorities())
    assert kinds == {"UA": 63, "MD": 36, "LBO": 32, "CTY": 21, "CC": 1}


def test_the_nine_regions_have_the_numbers_of_authorities_that_the_ons_gives_them() -> None:
    assert {region: len(in_region(region)) for region in REGIONS} == {
        "North East": 12,
        "North West": 24,
        "Yorkshire and The Humber": 15,
        "East Midlands": 10,
        "West Midlands": 14,
        "East of England": 11,
        "London": 33,
        "South East": 19,
        "South West": 15,
    }


def test_an_unknown_region_has_no_authorities() -> None:
    assert in_region("Wales") == ()


def test_no_two_authorities_share_a_code_or_a_spelling() -> None:
    codes = [code for one in all_authorities() for code in (one.gss, *one.other_codes)]
    names = [plain(name) for one in all_authorities() for name in (one.name, *one.spellings)]
    assert max(Counter(codes).values()) == 1
    assert max(Counter(names).values()) == 1


@pytest.mark.parametrize(
    ("written", "gss"),
    [
        ("Durham", "E06000047"),
        ("County Durham", "E06000047"),
        ("Durham County Council", "E06000047"),
        ("Bristol", "E06000023"),
        ("City of Bristol", "E06000023"),
        ("Bristol, City of", "E06000023"),
        ("Bristol City Council", "E06000023"),
        ("Southend on Sea", "E06000033"),
        ("Southend-on-Sea City Council", "E06000033"),
        ("Bournemouth, Christchurch & Poole", "E06000058"),
        ("Bournemouth Christchurch and Poole", "E06000058"),
        ("St Helens", "E08000013"),
        ("St. Helens", "E08000013"),
        ("SAINT HELENS  council", "E08000013"),
        ("Dorset Council", "E06000059"),
        ("Herefordshire, County of", "E06000019"),
        ("Kingston upon Hull, City of", "E06000010"),
        ("Kingston-upon-Hull City Council", "E06000010"),
        ("London Borough of Hammersmith & Fulham", "E09000013"),
        ("brent london boro", "E09000005"),
        ("Royal Borough of Greenwich", "E09000011"),
        ("Royal Borough of Windsor and Maidenhead", "E06000040"),
        ("Council of the Isles of Scilly", "E06000053"),
        ("City of Bradford Metropolitan District Council", "E08000032"),
        ("Barnsley MBC", "E08000016"),
        ("The City of London Corporation", "E09000001"),
        ("City of Westminster", "E09000033"),
        ("Nottingham City", "E06000018"),
        ("Nottinghamshire County Council", "E10000024"),
        ("Telford & Wrekin", "E06000020"),
        ("B&NES", "E06000022"),
    ],
)
def test_an_authority_is_found_however_it_is_written(written: str, gss: str) -> None:
    found = find(written)
    assert found is not None
    assert found.gss == gss


@pytest.mark.parametrize("title", ["{}", "{} Council", " {} ", "the {}"])
def test_every_authority_is_found_by_its_own_name(title: str) -> None:
    for one in all_authorities():
        assert find(title.format(one.name)) == one
        assert find(title.format(one.name.upper().replace(" and ", " & "))) == one


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "London",
        "Cumbria",
        "Northamptonshire",
        "Cardiff",
        "REDACTED",
        "County",
        "X" * 10**6,
    ],
)
def test_what_is_no_english_authority_is_not_found(written: str) -> None:
    assert find(written) is None


@pytest.mark.parametrize("city", ["Leicester", "Nottingham", "Derby"])
def test_a_county_council_is_never_taken_for_the_city_in_it(city: str) -> None:
    assert find(f"{city} County Council") is None
    found = find(f"{city}shire County Council")
    assert found is not None
    assert found.name == f"{city}shire"


@pytest.mark.parametrize(
    ("other", "ours"),
    [("E08000038", "E08000016"), ("E08000039", "E08000019"), ("E08000020", "E08000037")],
)
def test_another_code_of_the_same_area_leads_to_the_code_we_keep(other: str, ours: str) -> None:
    assert by_gss(other) == by_gss(ours)
    assert by_gss(other).gss == ours
    assert find(other.lower()) == by_gss(ours)


@pytest.mark.parametrize("code", ["E10000006", "W06000015", "e06000001", "", "E06000001 "])
def test_a_code_that_is_not_one_is_refused_with_what_to_do(code: str) -> None:
    with pytest.raises(UnknownAuthority, match="look it up by its name"):
        by_gss(code)


@pytest.mark.skipif(not DFE.exists(), reason="the Department for Education's table is not here")
def test_codes_and_regions_agree_with_the_department_for_education() -> None:
    with DFE.open(encoding="utf-8-sig", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["time_period"] == "2024"]
    theirs = {row["new_la_code"]: row["region_name"] for row in rows if row["new_la_code"]}
    for one in all_authorities():
        assert theirs[one.gss].removeprefix("Inner ").removeprefix("Outer ") == one.region
