"""Which authorities there are, and that each is found however it is written."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from directory.country.authorities.errors import UnknownAuthority
from directory.country.authorities.service import (
    NATIONS,
    REGIONS,
    all_authorities,
    by_gss,
    find,
    find_english,
    in_nation,
    in_region,
)
from directory.country.authorities.spelling import plain

SHARED = Path(__file__).parents[3] / "shared/data"
DFE = SHARED / "dfe/la_cla_on_31_march_la_of_placement_netgain.csv"
UK = SHARED / "reference/uk_local_authorities_future.csv"


def test_england_has_153_authorities_of_five_kinds() -> None:
    kinds = Counter(one.kind for one in in_nation("England"))
    assert kinds == {"UA": 63, "MD": 36, "LBO": 32, "CTY": 21, "CC": 1}


def test_the_united_kingdom_has_218_authorities() -> None:
    assert len(all_authorities()) == 218
    assert {nation: len(in_nation(nation)) for nation in NATIONS} == {
        "England": 153,
        "Wales": 22,
        "Scotland": 32,
        "Northern Ireland": 11,
    }


def test_outside_england_a_nation_is_a_region() -> None:
    for one in all_authorities():
        assert one.region in (REGIONS if one.nation == "England" else (one.nation,))


def test_england_s_21_counties_are_divided_into_164_districts_and_nothing_else_is() -> None:
    divided = [one for one in all_authorities() if one.districts]
    assert {one.kind for one in divided} == {"CTY"}
    assert len(divided) == 21
    codes = [code for one in divided for code in one.districts]
    assert len(set(codes)) == len(codes) == 164


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
    assert in_region("Mercia") == ()


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
        ("Cardiff Council", "W06000015"),
        ("Monmouthshire County Council", "W06000021"),
        ("Bridgend County Borough Council", "W06000013"),
        ("City and County of Swansea", "W06000011"),
        ("Ynys Mon", "W06000001"),
        ("Ynys Môn", "W06000001"),
        ("The Vale of Glamorgan", "W06000014"),
        ("Glasgow City Council", "S12000049"),
        ("Edinburgh, City of", "S12000036"),
        ("Western Isles", "S12000013"),
        ("Comhairle nan Eilean Siar", "S12000013"),
        ("The Highland Council", "S12000017"),
        ("Belfast City", "N09000003"),
        ("Newry, Mourne & Down District Council", "N09000010"),
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
        "Wales",
        "Dublin",
        "REDACTED",
        "County",
        "X" * 10**6,
    ],
)
def test_what_is_no_authority_is_not_found(written: str) -> None:
    assert find(written) is None


def test_where_england_alone_counts_an_authority_elsewhere_is_not_found() -> None:
    assert find_english("Cardiff") is None
    assert find_english("Kent") == find("Kent")


@pytest.mark.parametrize("city", ["Leicester", "Nottingham", "Derby"])
def test_a_county_council_is_never_taken_for_the_city_in_it(city: str) -> None:
    assert find(f"{city} County Council") is None
    found = find(f"{city}shire County Council")
    assert found is not None
    assert found.name == f"{city}shire"


@pytest.mark.parametrize(
    ("other", "ours"),
    [
        ("E08000038", "E08000016"),
        ("E08000039", "E08000019"),
        ("E08000020", "E08000037"),
        ("S12000046", "S12000049"),
    ],
)
def test_another_code_of_the_same_area_leads_to_the_code_we_keep(other: str, ours: str) -> None:
    assert by_gss(other) == by_gss(ours)
    assert by_gss(other).gss == ours
    assert find(other.lower()) == by_gss(ours)


@pytest.mark.parametrize(
    "code", ["E10000006", "W06000017", "E07000008", "e06000001", "", "E06000001 "]
)
def test_a_code_that_is_not_one_is_refused_with_what_to_do(code: str) -> None:
    with pytest.raises(UnknownAuthority, match="look it up by its name"):
        by_gss(code)


@pytest.mark.skipif(not UK.exists(), reason="the table of all authorities is not here")
def test_codes_names_and_districts_agree_with_a_list_of_all_that_ever_were() -> None:
    with UK.open(encoding="utf-8-sig", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if not row["end-date"]]
    code_of = {row["local-authority-code"]: row["gss-code"] for row in rows}
    upper = {"UA", "MD", "LBO", "CTY", "CC", "WPA", "SCO", "NID"}
    theirs = {row["gss-code"]: row for row in rows if row["local-authority-type"] in upper}
    assert {by_gss(code) for code in theirs} == set(all_authorities())
    for code, row in theirs.items():
        one = by_gss(code)
        assert (one.kind, one.nation) == (row["local-authority-type"], row["nation"])
        assert find(row["nice-name"]) == find(row["official-name"]) == one
        former = set(filter(None, row["former-gss-codes"].split(",")))
        assert former <= {one.gss, *one.other_codes}
    ours = {code: one.gss for one in all_authorities() for code in one.districts}
    assert ours == {
        row["gss-code"]: code_of[row["county-la"]]
        for row in rows
        if row["local-authority-type"] == "NMD"
    }


@pytest.mark.skipif(not DFE.exists(), reason="the Department for Education's table is not here")
def test_codes_and_regions_agree_with_the_department_for_education() -> None:
    with DFE.open(encoding="utf-8-sig", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["time_period"] == "2024"]
    theirs = {row["new_la_code"]: row["region_name"] for row in rows if row["new_la_code"]}
    for one in in_nation("England"):
        assert theirs[one.gss].removeprefix("Inner ").removeprefix("Outer ") == one.region
