"""Which authority a postcode is in, however it is typed."""

import csv
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.country.authorities.service import answering_for, find
from directory.country.reference.errors import LookUpError, NoPlace, NoPostcode, UnknownPostcode
from directory.country.reference.grid import distance_miles
from directory.country.reference.positions import district_position, district_positions
from directory.country.reference.postcode_files import letters
from directory.country.reference.postcodes import authorities_at, look_up, written

CENTROIDS = (
    Path(__file__).parents[3] / "shared/data/reference/outcode_centroids_derived_ONSPD_2025-11.csv"
)


@pytest.mark.parametrize(
    ("typed", "postcode"),
    [
        ("UB8 1UW", "UB8 1UW"),
        ("ub81uw", "UB8 1UW"),
        ("  Ub8  1uW ", "UB8 1UW"),
        ("UB8-1UW", "UB8 1UW"),
        ("UB8 IUW", "UB8 1UW"),
        ("sw1a1aa", "SW1A 1AA"),
        ("SE1 OAA", "SE1 0AA"),
        ("gir0aa", "GIR 0AA"),
    ],
)
def test_a_postcode_is_understood_however_it_is_typed(typed: str, postcode: str) -> None:
    assert written(typed) == postcode


@pytest.mark.parametrize(
    "typed", ["", "LS1", "LS1 1", "1LS 1UR", "LS1 1UR 2", "REDACTED", "LS1 1U<", "A" * 10**6, "—"]
)
def test_what_is_no_postcode_is_refused_with_what_one_looks_like(typed: str) -> None:
    with pytest.raises(NoPostcode, match="look like LS1 1UR"):
        look_up(typed)


@pytest.mark.parametrize(
    ("typed", "authority"),
    [
        ("UB8 1UW", "Hillingdon"),
        ("S1 2HH", "Sheffield"),
        ("S70 2TA", "Barnsley"),
        ("ME14 1XQ", "Kent"),
        ("CF10 4UW", "Cardiff"),
        ("EH1 1BQ", "City of Edinburgh"),
        ("BT1 5GS", "Belfast"),
        ("ZE1 0HB", "Shetland Islands"),
    ],
)
def test_a_postcode_leads_to_the_authority_that_answers_there(typed: str, authority: str) -> None:
    assert look_up(typed).authority == find(authority)


def test_an_ended_postcode_is_still_known() -> None:
    assert look_up("AB1 0AA").authority.name == "Aberdeen City"


def test_a_postcode_of_northern_ireland_lies_on_the_british_grid() -> None:
    stranraer, larne = look_up("DG9 7AA").point, look_up("BT40 1RP").point
    assert distance_miles(stranraer, larne) == pytest.approx(32, abs=4)


@pytest.mark.parametrize("typed", ["QQ1 1AA", "LS1 1VV", "XX99 9XX"])
def test_a_postcode_that_is_not_in_the_directory_says_so(typed: str) -> None:
    with pytest.raises(UnknownPostcode, match="name the authority instead"):
        look_up(typed)


@pytest.mark.parametrize("typed", ["JE2 3AB", "IM1 1AA", "AB11 3AG"])
def test_a_postcode_without_a_place_in_the_united_kingdom_says_so(typed: str) -> None:
    with pytest.raises(NoPlace, match="Name the authority instead"):
        look_up(typed)


@given(st.text(max_size=12))
def test_whatever_is_typed_gives_a_place_or_a_reason(typed: str) -> None:
    with suppress(LookUpError):
        assert look_up(typed).postcode == written(typed)


def test_there_is_a_file_for_every_letter_that_postcodes_begin_with() -> None:
    assert len(letters()) == 23


def test_a_district_lies_where_its_postcodes_do() -> None:
    leeds = district_position(" ls1 ")
    assert leeds is not None
    assert distance_miles(leeds, look_up("LS1 1UR").point) < 1
    assert district_position("QQ1") is None


@pytest.mark.skipif(not CENTROIDS.exists(), reason="the list of districts' centres is not here")
def test_districts_lie_where_another_computation_puts_them() -> None:
    with CENTROIDS.open(encoding="utf-8") as lines:
        theirs = {row["outcode"]: row for row in csv.DictReader(lines)}
    british = {name: at for name, at in district_positions().items() if name[:2] != "BT"}
    assert len(british) > 2_900
    for name, (east, north) in british.items():
        row = theirs[name]
        if answering_for(row["main_laua"]) and float(row["main_laua_share"]) == 1:
            assert abs(east - float(row["mean_easting"])) <= 60
            assert abs(north - float(row["mean_northing"])) <= 60


def test_many_postcodes_at_once_say_what_each_alone_does() -> None:
    typed = ["LS1 1UR", "ls11ur", "SW1A1AA", "BT1 5GS", "ZZ1 1ZZ", "QQ1 1AA", "JE2 3AB", "no"]
    alone: dict[str, str | None] = {}
    for one in typed[:-1]:
        alone[one] = None
        with suppress(LookUpError):
            alone[one] = look_up(one).authority.gss
    assert authorities_at(typed) == alone
    assert alone["ls11ur"] == "E08000035"
