"""Where authorities lie, how far apart, and who borders on whom."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.country.authorities.errors import UnknownAuthority
from directory.country.authorities.service import all_authorities, by_gss, find
from directory.country.reference import derive
from directory.country.reference.errors import WrongChange
from directory.country.reference.grid import Point, distance_band, distance_miles, from_irish
from directory.country.reference.neighbours import land_neighbours, neighbours
from directory.country.reference.positions import position

SHARED = Path(__file__).parents[3] / "shared/data/reference"
ADJACENT = SHARED / "utla_adjacency_2025_derived.csv"
ISLANDS = {"Isle of Wight", "Isles of Scilly", "Isle of Anglesey", "Na h-Eileanan Siar"} | {
    *("Orkney Islands", "Shetland Islands")
}
somewhere = st.builds(Point, st.integers(0, 700_000), st.integers(0, 1_300_000))


def code(name: str) -> str:
    found = find(name)
    assert found is not None
    return found.gss


@pytest.mark.parametrize(
    ("irish", "british"),
    [
        # By PROJ 9: EPSG:29903 to WGS 84 to EPSG:27700.
        ((333_800, 374_000), (146_205.780, 529_475.089)),  # Belfast
        ((190_000, 309_000), (-2_730.278, 476_892.343)),  # the west of Fermanagh
        ((300_000, 440_000), (118_171.873, 598_147.638)),  # the north of Antrim
    ],
)
def test_a_point_of_northern_ireland_is_put_on_the_british_grid(
    irish: tuple[int, int], british: tuple[float, float]
) -> None:
    assert from_irish(*irish) == pytest.approx(british, abs=0.02)


def test_a_distance_is_in_miles_to_one_decimal_and_halves_go_up() -> None:
    assert distance_miles(Point(0, 0), Point(3_000, 4_000)) == 3.1
    assert distance_miles(Point(0, 0), Point(0, 0)) == 0.0
    assert distance_miles(Point(0, 0), Point(1609.344 * 0.25, 0)) == 0.3


def test_belfast_is_as_far_from_leeds_as_on_the_map() -> None:
    assert distance_miles(position(code("Belfast")), position(code("Leeds"))) == pytest.approx(
        188, abs=3
    )


@given(somewhere, somewhere)
def test_a_distance_is_the_same_both_ways_and_lies_in_its_band(a: Point, b: Point) -> None:
    miles, band = distance_miles(a, b), distance_band(a, b)
    assert miles == distance_miles(b, a)
    assert band == distance_band(b, a)
    assert band.least - 0.05 <= miles
    assert band.below is None or miles <= band.below + 0.05


def test_bands_are_told_in_words() -> None:
    here = Point(0, 0)
    told = [str(distance_band(here, Point(miles * 1609.344, 0))) for miles in (0, 20, 99, 250)]
    assert told == ["under 20 miles", "20 to 50 miles", "50 to 100 miles", "200 miles or more"]


def test_every_authority_lies_somewhere_in_the_united_kingdom() -> None:
    for one in all_authorities():
        east, north = position(one.gss)
        assert 0 < east < 660_000
        assert 0 < north < 1_220_000
        assert east % 100 == north % 100 == 0


def test_an_authority_s_other_code_has_the_same_place() -> None:
    assert position("E08000038") == position("E08000016")
    with pytest.raises(UnknownAuthority):
        position("E10000006")


def test_neighbours_are_neighbours_both_ways_and_nobody_is_its_own() -> None:
    for one, others in land_neighbours().items():
        assert one not in others
        assert all(one in land_neighbours()[other] for other in others)


def test_only_islands_have_no_neighbour() -> None:
    alone = {by_gss(one).name for one, others in land_neighbours().items() if not others}
    assert alone == ISLANDS


def test_water_is_no_border_on_land() -> None:
    assert code("Wirral") not in land_neighbours()[code("Liverpool")]
    assert code("Cheshire West and Chester") in land_neighbours()[code("Wirral")]


@pytest.mark.skipif(not ADJACENT.exists(), reason="the list of adjoining authorities is not here")
def test_neighbours_are_those_that_the_boundaries_give() -> None:
    with ADJACENT.open(encoding="utf-8-sig", newline="") as lines:
        theirs = {
            (by_gss(row["areacd"]).gss, by_gss(row["adjacent_areacd"]).gss)
            for row in csv.DictReader(lines)
        }
    ours = {(one, other) for one, others in land_neighbours().items() for other in others}
    both = len(ours & theirs)
    precision, recall = both / len(ours), both / len(theirs)
    assert (precision, recall) == (1.0, 1.0), (ours ^ theirs, precision, recall)


def test_an_operator_adds_and_takes_out_neighbours(tmp_path: Path) -> None:
    (tmp_path / "neighbours.csv").write_text(
        "gss,neighbour,change,why\n"
        "Westminster,Lambeth,add,The boundary runs in the middle of the river\n"
        "E08000035,Bradford,remove,For this test\n",
        encoding="utf-8",
    )
    changed = neighbours(tmp_path)
    lambeth, westminster = code("Lambeth"), code("Westminster")
    leeds, bradford = code("Leeds"), code("Bradford")
    assert westminster in changed[lambeth]
    assert lambeth in changed[westminster]
    assert bradford not in changed[leeds]
    assert leeds not in changed[bradford]
    assert westminster not in land_neighbours()[lambeth]


def test_without_a_file_nothing_is_changed(tmp_path: Path) -> None:
    assert neighbours(tmp_path) == land_neighbours()


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("Atlantis,Leeds,add,x", "Line 2"),
        ("Leeds,Leeds,add,x", "Line 2"),
        ("Leeds,York,perhaps,x", "Line 2"),
        ("Leeds", "Line 2"),
    ],
)
def test_a_change_that_cannot_be_understood_is_refused_with_its_line(
    tmp_path: Path, row: str, line: str
) -> None:
    (tmp_path / "neighbours.csv").write_text(f"gss,neighbour,change,why\n{row}\n", encoding="utf-8")
    with pytest.raises(WrongChange, match=line):
        neighbours(tmp_path)


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "neighbours.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(WrongChange, match="first line"):
        neighbours(tmp_path)


def test_squares_touch_across_a_few_empty_kilometres_and_not_across_many() -> None:
    near = {(0, 0): Counter({"A": 1}), (4, 0): Counter({"B": 1}), (20, 0): Counter({"C": 1})}
    assert derive.touching(near) == {("A", "B")}


def test_an_authority_between_two_others_keeps_them_apart() -> None:
    row = {(0, 0): Counter({"A": 3}), (1, 0): Counter({"B": 2, "A": 1}), (2, 0): Counter({"C": 1})}
    assert derive.touching(row) == {("A", "B"), ("B", "C")}
