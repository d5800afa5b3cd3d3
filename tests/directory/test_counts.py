"""Beside each filter stands how many homes there would be, and it is never out of date."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.homes import index as indexes
from directory.homes import ordering
from directory.homes.query import JUDGEMENTS, NEEDS, PROVISIONS, SearchQuery
from directory.homes.service import Results, count_matching, search
from federation import Node, reading
from tests.databases import Databases
from tests.directory.worlds import (
    KENT,
    LEEDS,
    LEWISHAM,
    Consortium,
    a_home,
    consortium,
    described,
    judged,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)

AUTISM = described("A quiet home by the wood.", "autism", "self-harm")
PUBLISHED = {
    "kent-node": [
        a_home("SC100001", places=4, judgement=judged("Good"), description=AUTISM),
        a_home("SC100002", places=2, judgement=judged("Good")),
        a_home("SC100003", places=12, provision="Secure children's home"),
        a_home("SC100004", judgement=judged("Outstanding", date(2025, 9, 1)), description=AUTISM),
        a_home("SC100005", places=3),
    ],
    "leeds-node": [
        a_home("SC200001", authority=LEEDS, places=1, judgement=judged("Good")),
        a_home("SC100005", authority=LEEDS, places=6, description=AUTISM),
    ],
    "lewisham-node": [a_home("SC300001", authority=LEWISHAM, places=4, description=AUTISM)],
}


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, database_once: Databases
) -> Iterator[Consortium]:
    with consortium(tmp_path_factory.mktemp("consortium"), PUBLISHED, database_once) as one:
        yield one


def ask(node: Node, query: SearchQuery) -> Results:
    with reading(node.replica) as connection:
        return search(connection, query)


def test_each_value_of_each_filter_is_counted(world: Consortium) -> None:
    counts = ask(world.reader, SearchQuery()).counts
    assert counts["region"] == {"South East": 5, "Yorkshire and The Humber": 2, "London": 1}
    assert counts["authority"] == {KENT: 5, LEEDS: 2, LEWISHAM: 1}
    assert counts["provision"] == {"Children's home": 6, "Secure children's home": 1}
    assert counts["judgement"] == {"Good": 3, "Outstanding": 1, "Not yet inspected": 3}
    assert counts["need"] == {"autism": 4, "self-harm": 4}
    assert [counts["min_places"][least] for least in ("2", "4", "5", "10")] == [5, 4, 2, 1]


def test_a_filter_leaves_itself_out_of_its_own_counts(world: Consortium) -> None:
    found = ask(world.reader, SearchQuery(region="South East", judgement="Good"))
    assert found.counts["region"] == {"South East": 2, "Yorkshire and The Humber": 1, "London": 0}
    assert found.counts["judgement"] == {"Good": 2, "Outstanding": 1, "Not yet inspected": 2}
    assert found.counts["need"] == {"autism": 1, "self-harm": 1}


def test_words_narrow_every_count(world: Consortium) -> None:
    found = ask(world.reader, SearchQuery("quiet wood", need="autism"))
    assert found.counts["region"] == {"South East": 2, "Yorkshire and The Humber": 1, "London": 1}
    assert found.counts["authority"] == {KENT: 2, LEEDS: 1, LEWISHAM: 1}


def test_a_contested_home_counts_once_in_each_value(world: Consortium) -> None:
    """SC100005 stands in Kent and in Leeds, and so under both; but it is one home."""
    found = ask(world.reader, SearchQuery())
    assert (found.total, found.urns) == (8, 7)
    assert sum(found.counts["authority"].values()) == 8
    assert sum(found.counts["provision"].values()) == 7


QUERIES = st.builds(
    SearchQuery,
    words=st.sampled_from(["", "quiet", "kent", "nothing"]),
    region=st.sampled_from([None, "London", "South East", "North East"]),
    authority=st.sampled_from([None, KENT, LEEDS]),
    provision=st.sampled_from([None, *PROVISIONS]),
    judgement=st.sampled_from([None, *JUDGEMENTS]),
    need=st.sampled_from([None, *NEEDS[:4]]),
    min_places=st.sampled_from([None, 2, 3, 4, 7]),
)


@settings(deadline=None, max_examples=60)
@given(QUERIES, st.sampled_from(["region", "authority", "provision", "judgement", "need"]))
def test_a_count_is_what_choosing_the_value_finds(
    world: Consortium, query: SearchQuery, name: str
) -> None:
    with reading(world.reader.replica) as connection:
        for value, count in search(connection, query).counts[name].items():
            chosen = replace(query, **{name: value})  # type: ignore[arg-type]
            assert count_matching(connection, chosen) == count


# --- Never out of date ----------------------------------------------------------------------------


def test_what_has_just_been_followed_counts_at_once(tmp_path: Path, database: Databases) -> None:
    with consortium(tmp_path, {"kent-node": [a_home("SC100001")]}, database) as one:
        assert ask(one.reader, SearchQuery()).counts["authority"] == {KENT: 1}
        one.publish("kent-node", [a_home("SC100002"), a_home("SC100001", places=3)])
        one.follow_all(one.reader)
        found = ask(one.reader, SearchQuery())
        assert (found.counts["authority"], found.counts["min_places"]["3"]) == ({KENT: 2}, 1)


def test_a_reader_keeps_the_state_that_its_transaction_began_with(
    tmp_path: Path, database: Databases
) -> None:
    with consortium(tmp_path, {"kent-node": [a_home("SC100001")]}, database) as one:
        with reading(one.reader.replica) as connection:
            assert search(connection, SearchQuery()).total == 1
            one.publish("kent-node", [a_home("SC100002")])
            one.follow_all(one.reader)
            assert ask(one.reader, SearchQuery()).total == 2
            assert search(connection, SearchQuery()).total == 1
        assert ask(one.reader, SearchQuery()).total == 2


def test_two_nodes_in_one_process_never_share_an_answer(
    tmp_path: Path, database: Databases
) -> None:
    with (
        consortium(tmp_path / "a", {"kent-node": [a_home("SC100001")]}, database) as one,
        consortium(
            tmp_path / "b", {"kent-node": [a_home("SC100001"), a_home("SC2")]}, database
        ) as two,
    ):
        assert (ask(one.reader, SearchQuery()).total, ask(two.reader, SearchQuery()).total) == (
            1,
            2,
        )


def test_few_states_are_held(tmp_path: Path, database: Databases) -> None:
    with consortium(tmp_path, {}, database) as one:
        for number in range(4):
            one.publish("kent-node", [a_home(f"SC10000{number}")])
            one.follow_all(one.reader)
            ask(one.reader, SearchQuery())
    assert len(indexes._held) <= 2


# --- Best match where most have the words ---------------------------------------------------------


def test_words_that_most_homes_have_rank_by_heading_first(
    tmp_path: Path, database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "MOST_RANKED", 3)
    homes = [a_home(f"SC10000{n}", description=described("Near the oak.")) for n in range(5)]
    homes += [a_home("SC200001", name="Oak House"), a_home("SC200002", name="Oak Oak")]
    with consortium(tmp_path, {"kent-node": homes}, database) as one:
        found = ask(one.reader, SearchQuery("oak"))
    shown = [home.record.urn for home in found.homes]
    assert sorted(shown[:2]) == ["SC200001", "SC200002"]
    assert shown[2:] == [f"SC10000{n}" for n in range(5)]
