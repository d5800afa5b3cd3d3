"""Searching finds what is meant, says in which order, and answers the same at every node."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from directory.homes.errors import RecordMissing, WordsTooLong
from directory.homes.fts5 import match_expression
from directory.homes.query import ORDERS, PAGE_SIZE, Order, SearchQuery
from directory.homes.service import (
    FoundHome,
    Results,
    count_homes,
    count_matching,
    home_claims,
    search,
)
from directory.homes.words import read_terms
from federation import Node, reading, writing
from protocols.records import Home
from tests.databases import Databases
from tests.directory.worlds import (
    KENT,
    LEEDS,
    LEWISHAM,
    NODES,
    NOW,
    Consortium,
    a_home,
    consortium,
    described,
    judged,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)

IN_KENT = [
    a_home("SC100001", name="Rowan House", places=4, judgement=judged("Good")),
    a_home("SC100002", name="Elm Lodge", places=2, judgement=judged("Outstanding")),
    a_home("SC100003", provision="Secure children's home", places=12),
    a_home(
        "SC100004",
        name="The Café",
        provider="Acorn Care Ltd",
        description=described("A quiet home near rowan trees for autistic children.", "autism"),
    ),
    a_home("SC100005", name="Ash House", judgement=judged("Inadequate")),
]
IN_LEEDS = [
    a_home(
        "SC200001",
        authority=LEEDS,
        name="Quarry Bank",
        places=3,
        judgement=judged("Requires improvement to be good", date(2025, 9, 1)),
        description=described("Short breaks by the moor.", "autism", "self-harm", sex="girls"),
    ),
    a_home("SC100005", authority=LEEDS, name="Ash House", places=6),
]
IN_LEWISHAM = [a_home("SC300001", authority=LEWISHAM, name="Ladywell", places=4)]
PUBLISHED = {"kent-node": IN_KENT, "leeds-node": IN_LEEDS, "lewisham-node": IN_LEWISHAM}


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, database_once: Databases
) -> Iterator[Consortium]:
    with consortium(tmp_path_factory.mktemp("consortium"), PUBLISHED, database_once) as one:
        yield one


def ask(node: Node, *words: str, **filters: object) -> Results:
    with reading(node.replica) as connection:
        return search(connection, SearchQuery(" ".join(words), **filters))  # type: ignore[arg-type]


def urns(results: Results) -> list[str]:
    return [found.record.urn for found in results.homes]


# --- What is typed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expression"),
    [
        ("boys", '"boys"*'),
        ("autism boys", '"autism" AND "boys"*'),
        ("autism", '("autism"* OR "autisment")'),
        ('"short breaks" moor', '"short breaks" AND "moor"*'),
        ('moor "short breaks"', '"moor" AND "short breaks"'),
        ("“short breaks”", '"short breaks"'),
        ('"never closed', '"never" AND "closed"*'),
        ("self-harm", '"self-harm"*'),
        ("boys !", '"boys"*'),
        ("NEAR(a b) OR heading:c*", '"NEAR(a" AND "b)" AND "OR" AND "heading:c*"*'),
        ("one\x00two", '"one" AND "two"*'),
        ("", ""),
        (' "" -- ?! "…" ', ""),
    ],
)
def test_what_is_typed_is_text_and_never_an_operator(typed: str, expression: str) -> None:
    assert match_expression(read_terms(typed)) == expression


def test_more_than_is_ever_meant_is_refused() -> None:
    assert len(read_terms("a " * 100)) == 100
    with pytest.raises(WordsTooLong, match="200 characters or fewer"):
        read_terms("a" * 201)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=200) | st.text('"*^():-+{}ANDORNOTEAR \x00a\ud800', max_size=60))
def test_nothing_that_is_typed_upsets_the_search(world: Consortium, typed: str) -> None:
    with reading(world.reader.replica) as connection:
        results = search(connection, SearchQuery(typed))
    assert 0 <= results.total <= 8


def test_all_words_have_to_be_found_the_last_may_be_a_beginning(world: Consortium) -> None:
    assert urns(ask(world.reader, "autism moor")) == ["SC200001"]
    assert urns(ask(world.reader, "autism mo")) == ["SC200001"]
    assert urns(ask(world.reader, "mo autism")) == []


GROWING = (
    "Exploitation communication responsibility disability education therapeutic happiness caring"
    " relationship specialist accommodation emotional attachment independence psychologist careful"
    " statement families stability sensitive qualifications harmful offending behavioural running"
)


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory, database_once: Databases) -> Iterator[Node]:
    home = a_home("SC100001", description=described(GROWING))
    with consortium(
        tmp_path_factory.mktemp("growing"), {"kent-node": [home]}, database_once
    ) as one:
        yield one.reader


@pytest.mark.parametrize("word", GROWING.split())
def test_a_word_is_found_by_all_its_beginnings_though_only_its_stem_is_held(
    growing: Node, word: str
) -> None:
    beginnings = [word[:length] for length in range(3, len(word) + 1)]
    assert [typed for typed in beginnings if not ask(growing, typed).total] == []


def test_words_in_quotation_marks_stand_together(world: Consortium) -> None:
    assert urns(ask(world.reader, '"short breaks"')) == ["SC200001"]
    assert urns(ask(world.reader, '"breaks short"')) == []


def test_accents_and_endings_do_not_matter(world: Consortium) -> None:
    assert urns(ask(world.reader, "cafe")) == ["SC100004"]
    assert urns(ask(world.reader, "tree child")) == ["SC100004"]


def test_a_need_is_found_by_what_people_call_it_and_a_home_by_its_urn(world: Consortium) -> None:
    assert urns(ask(world.reader, "self-harm")) == ["SC200001"]
    assert urns(ask(world.reader, "SC300001")) == ["SC300001"]


def test_a_name_counts_for_more_than_a_description(world: Consortium) -> None:
    found = ask(world.reader, "rowan")
    assert (found.order, urns(found)) == ("best match", ["SC100001", "SC100004"])


def test_only_punctuation_is_no_words_at_all(world: Consortium) -> None:
    found = ask(world.reader, "?!")
    assert (found.total, found.order) == (8, "authority A to Z")


def test_homes_that_words_cannot_find_for_want_of_a_description_are_counted(
    world: Consortium,
) -> None:
    assert ask(world.reader, "autism", region="South East").undescribed == 4
    assert ask(world.reader, "autism", region="London").undescribed == 1
    assert ask(world.reader).undescribed == 0


# --- Filters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"region": "London"}, {"SC300001"}),
        ({"authority": LEEDS}, {"SC200001", "SC100005"}),
        ({"provision": "Secure children's home"}, {"SC100003"}),
        ({"judgement": "Outstanding"}, {"SC100002"}),
        ({"judgement": "Not yet inspected", "authority": LEEDS}, {"SC100005"}),
        ({"min_places": 4}, {"SC100001", "SC100003", "SC100005", "SC300001"}),
        ({"min_places": 4, "region": "South East"}, {"SC100001", "SC100003"}),
        ({"region": "London", "authority": KENT}, set()),
    ],
)
def test_every_filter_has_to_hold(
    world: Consortium, filters: dict[str, object], found: set[str]
) -> None:
    results = ask(world.reader, **filters)
    assert set(urns(results)) == found
    with reading(world.reader.replica) as connection:
        counted = count_matching(connection, SearchQuery(**filters))  # type: ignore[arg-type]
    assert counted == len(found) == results.urns


# --- Order ----------------------------------------------------------------------------------------


def test_the_usual_order_is_by_authority_then_urn(world: Consortium) -> None:
    found = ask(world.reader)
    assert found.order == "authority A to Z"
    assert [(home.authority_name, home.record.urn) for home in found.homes] == [
        *(("Kent", f"SC10000{number}") for number in range(1, 6)),
        ("Leeds", "SC100005"),
        ("Leeds", "SC200001"),
        ("Lewisham", "SC300001"),
    ]


def test_the_best_judged_come_first_and_the_uninspected_last(world: Consortium) -> None:
    found = ask(world.reader, order="judgement, best first")
    grades = [home.record.judgement and home.record.judgement.overall for home in found.homes]
    assert grades == [
        "Outstanding",
        "Good",
        "Requires improvement to be good",
        "Inadequate",
        *[None] * 4,
    ]
    assert urns(found)[4:] == ["SC100003", "SC100004", "SC100005", "SC300001"]


def test_the_most_places_come_first_and_unknown_ones_last(world: Consortium) -> None:
    found = ask(world.reader, order="places, most first")
    assert [home.record.places for home in found.homes] == [12, 6, 4, 4, 3, 2, None, None]


@pytest.mark.parametrize(
    ("near", "authorities"),
    [
        (LEWISHAM, ["Lewisham", *["Kent"] * 5, *["Leeds"] * 2]),
        ("LS6", [*["Leeds"] * 2, "Lewisham", *["Kent"] * 5]),
    ],
)
def test_the_nearest_band_comes_first_and_ties_are_by_urn(
    world: Consortium, near: str, authorities: list[str]
) -> None:
    found = ask(world.reader, near=near)
    assert (found.order, found.total) == ("nearest first", 8)
    assert [home.authority_name for home in found.homes] == authorities
    told = [(authorities.index(home.authority_name), home.record.urn) for home in found.homes]
    assert told == sorted(told)


def test_nearest_without_a_place_is_the_usual_order(world: Consortium) -> None:
    assert ask(world.reader, order="nearest first").order == "authority A to Z"
    assert ask(world.reader, "autism", order="nearest first").order == "best match"
    assert ask(world.reader, "autism", order="best match", near=KENT).order == "best match"


def test_a_need_has_to_be_met(world: Consortium) -> None:
    assert urns(ask(world.reader, need="autism")) == ["SC100004", "SC200001"]
    assert urns(ask(world.reader, need="self-harm")) == ["SC200001"]


def test_best_match_without_words_is_the_usual_order(world: Consortium) -> None:
    assert ask(world.reader, order="best match").order == "authority A to Z"


@pytest.mark.parametrize("order", [None, *ORDERS])
@pytest.mark.parametrize("words", ["", "house", "autism", "kent"])
def test_every_node_gives_the_same_answer_however_it_came_to_know(
    world: Consortium, order: Order | None, words: str
) -> None:
    other = world.nodes["lewisham-node"]
    world.follow_all(other, reversed(NODES))
    ours, theirs = (ask(node, words, order=order) for node in (world.reader, other))

    def told(found: FoundHome) -> tuple[object, ...]:
        return found.record, found.node, found.entry, found.published_at, found.contested

    assert [told(one) for one in ours.homes] == [told(one) for one in theirs.homes]
    assert ours.total == theirs.total > 0


# --- Pages ----------------------------------------------------------------------------------------


def test_every_home_is_on_exactly_one_page(tmp_path: Path, database: Databases) -> None:
    many = [a_home(f"SC{number:06}", places=1 + number % 3) for number in range(45)]
    with consortium(tmp_path, {"kent-node": many}, database) as one:
        pages = [ask(one.reader, order="places, most first", page=page) for page in (1, 2, 3)]
        beyond = ask(one.reader, order="places, most first", page=9)
    assert [len(page.homes) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 5]
    assert sorted(urn for page in pages for urn in urns(page)) == [one.urn for one in many]
    assert {(page.total, page.pages) for page in pages} == {(45, 3)}
    assert (beyond.page, urns(beyond)) == (3, urns(pages[2]))


def test_a_node_that_knows_nothing_has_one_empty_page(tmp_path: Path, database: Databases) -> None:
    with consortium(tmp_path, {}, database) as one:
        found = ask(one.reader)
        with reading(one.reader.replica) as connection:
            assert count_homes(connection) == 0
    assert (found.total, found.page, found.pages, found.homes) == (0, 1, 1, [])


# --- Claims ---------------------------------------------------------------------------------------


def test_two_claims_to_one_home_are_both_shown_as_contested(world: Consortium) -> None:
    found = ask(world.reader, "ash")
    assert (found.total, found.urns) == (2, 1)
    assert {home.node for home in found.homes} == {"kent-node", "leeds-node"}
    assert all(home.contested for home in found.homes)
    with reading(world.reader.replica) as connection:
        claims = home_claims(connection, "SC100005")
        assert count_homes(connection) == 7
    assert [claim.authority_name for claim in claims] == ["Leeds", "Kent"]  # by GSS code


def test_a_home_is_contested_also_where_only_one_claim_is_found(world: Consortium) -> None:
    found = ask(world.reader, "ash", region="South East")
    assert [(home.node, home.contested) for home in found.homes] == [("kent-node", True)]


def test_a_home_comes_with_who_vouches_for_it_and_since_when(world: Consortium) -> None:
    with reading(world.reader.replica) as connection:
        (claim,) = home_claims(connection, "SC200001")
        assert home_claims(connection, "SC999999") == []
    assert claim.record == IN_LEEDS[0]
    assert (claim.node, claim.entry, claim.contested) == ("leeds-node", 0, False)
    assert claim.published_at == NOW
    assert claim.log.origin == "127.0.0.1:9/leeds-node/log"


def test_a_newer_version_takes_the_place_of_the_older(tmp_path: Path, database: Databases) -> None:
    def version(name: str) -> list[Home]:
        return [a_home("SC100001", name=name)]

    with consortium(tmp_path, {"kent-node": version("Old House")}, database) as one:
        one.publish("kent-node", version("New House"))
        one.follow_all(one.reader)
        assert ask(one.reader, "old").total == 0
        (found,) = ask(one.reader, "new").homes
    assert (found.record.name, found.entry, found.contested) == ("New House", 1, False)


def test_search_tables_that_outlive_their_record_say_what_to_do(
    tmp_path: Path, database: Databases
) -> None:
    with consortium(tmp_path, {"kent-node": IN_KENT[:1]}, database) as one:
        with writing(one.reader.replica) as connection:
            connection.execute(text("UPDATE entry SET blob = NULL"))
        with pytest.raises(RecordMissing, match=r"SC100001.*Rebuild the search tables"):
            ask(one.reader)
