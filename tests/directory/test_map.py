"""The map and its table say the same, keep to the filters, and tell no more of where homes are."""

import re
from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from directory.country.reference.outlines import outlines
from directory.country.reference.positions import authority_outlines, position
from tests.directory.test_pages import post
from tests.directory.visiting import title_of, words_of

ROW = re.compile(r"<th[^>]*>(.*?)</th>\s*<td[^>]*>.*?</td>\s*<td[^>]*>(.*?)</td>", re.DOTALL)


def table(page: str) -> dict[str, str]:
    rows = ROW.findall(page.partition("<tbody")[2])
    without = re.search(r'details__text">([^<]*)[.]<', page.partition('id="in-each"')[2])
    none = dict.fromkeys(without[1].split("; "), "0") if without else {}
    return none | {re.sub("<[^>]*>", "", name).strip(): many for name, many in rows}


def drawn(page: str) -> dict[str, str]:
    said = (text.split(": ") for text in re.findall(r"<title>([^<]*: [^<]*)</title></path>", page))
    return {name: re.sub(r" homes?$", "", many).capitalize() for name, many in said}


def test_the_map_and_the_table_say_the_same(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes/map")
    said = table(answer.text)
    assert len(said) == 153
    assert (said["Kent"], said["Leeds"], said["Devon"]) == ("26", "1", "0")
    assert drawn(answer.text) == said
    assert "None in 151 other authorities" in words_of(answer)
    assert title_of(answer) == "Children’s homes on a map – Commonhearth"
    assert "Contains OS data © Crown copyright" in words_of(answer)
    assert 'aria-label="Kent: 26 homes"' in answer.text


def test_filters_hold_on_the_map_and_a_region_is_seen_closer(visitor: FlaskClient) -> None:
    page = visitor.get("/homes/map?judgement=Good&region=South+East").text
    said = table(page)
    assert said["Kent"] == "1"
    assert "Leeds" not in said
    assert 'href="/homes?region=South+East&amp;authority=E10000016&amp;judgement=Good"' in page
    assert 'href="/homes/map?region=South+East"' in page  # without the judgement
    assert [*table(visitor.get("/homes/map?authority=E08000035").text)] == ["Leeds"]
    assert visitor.get("/homes/map?near=LS6").status_code == 400


def test_what_is_posted_holds_on_the_map_and_stands_in_none_of_its_links(
    visitor: FlaskClient,
) -> None:
    answer = post(visitor, "/homes/map", away="LS6", region="")
    assert answer.request.path == "/homes/map"
    assert table(answer.text)["Leeds"] == "Left out"
    assert drawn(answer.text)["Leeds"] == "Left out"
    assert not re.search(r'(?:href|action)="[^"]*LS6', answer.text)
    assert "<a href" not in answer.text.partition("<svg")[2].partition("</svg>")[0]


def test_every_authority_is_drawn_around_where_its_people_live() -> None:
    outside = []
    for gss, rings in authority_outlines().items():
        at = position(gss)
        crossed = sum(
            (one.northing > at.northing) != (other.northing > at.northing)
            and at.easting
            < one.easting
            + (at.northing - one.northing)
            * (other.easting - one.easting)
            / (other.northing - one.northing)
            for ring in rings
            for one, other in pairwise(ring)
        )
        if crossed % 2 == 0:
            outside.append(gss)
    assert len(authority_outlines()) == 218
    assert len(outside) <= 4, outside  # of islands and crescents the middle lies outside


def test_neighbours_meet_without_a_gap_and_moors_are_no_holes() -> None:
    squares = {(x, y): "west" if x < 20 else "east" for x in range(40) for y in range(40)}
    for hole in ((x, y) for x in range(12, 28) for y in range(12, 28)):
        del squares[hole]
    rings = outlines(squares)
    assert rings == {
        "east": [[(20, 40), (20, 0), (40, 0), (40, 40), (20, 40)]],
        "west": [[(20, 40), (0, 40), (0, 0), (20, 0), (20, 40)]],
    }


@pytest.mark.parametrize("apart", [5, 12])
def test_what_a_wide_water_parts_is_drawn_apart(apart: int) -> None:
    squares = {(x, y): "one" for x in (*range(9), *range(9 + apart, 18 + apart)) for y in range(9)}
    assert len(outlines(squares)["one"]) == (1 if apart == 5 else 2)
