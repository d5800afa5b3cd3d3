"""What a node publishes of its register: what is new or changed, and who has left is retired."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from directory.homes.query import SearchQuery
from directory.homes.service import search
from directory.records.ofsted.reading import read_list
from directory.records.ofsted.service import import_list
from directory.records.publishing.service import Publication, publish, publish_register
from federation import Node, reading, sequence, writing
from tests.databases import Databases
from tests.directory.lists import home, write_list
from tests.directory.worlds import Consortium, a_home, consortium

pytestmark = pytest.mark.both_databases

NOW = datetime(2025, 8, 1, 12, tzinfo=UTC)


@pytest.fixture
def nodes(tmp_path: Path, database: Databases) -> Iterator[Consortium]:
    with consortium(tmp_path / "nodes", {}, database) as made:
        yield made


def take(node: Node, folder: Path, day: str, *rows: Sequence[str]) -> None:
    listed = read_list(write_list(folder, *rows, banner=[f"Provider level as at {day}"]))
    with writing(node.node_db) as connection:
        import_list(
            connection,
            listed,
            file_name="list.csv",
            digest=listed.sha256,
            now=NOW,
            many_may_close=True,
        )


def publish_all(node: Node) -> Publication:
    with writing(node.node_db) as connection:
        done = publish_register(connection, node)
    sequence(node)
    return done


def seen_by(nodes: Consortium, reader: str) -> list[str]:
    node = nodes.nodes[reader]
    nodes.follow_all(node)
    with reading(node.replica) as connection:
        return sorted(one.record.urn for one in search(connection, SearchQuery()).homes)


def test_a_home_that_left_the_register_is_retired_everywhere(
    nodes: Consortium, tmp_path: Path
) -> None:
    kent = nodes.nodes["kent-node"]
    take(kent, tmp_path, "31 March 2024", home("9000001"), home("9000002"))
    assert publish_all(kent).homes == 2
    assert seen_by(nodes, "leeds-node") == ["9000001", "9000002"]
    take(kent, tmp_path, "31 March 2025", home("9000002"))
    assert publish_all(kent).retired == 1
    assert seen_by(nodes, "leeds-node") == ["9000002"]
    assert publish_all(kent) == Publication(homes=0, providers=0, unchanged=2)


def test_a_home_that_moved_is_retired_by_one_node_and_published_by_the_other(
    nodes: Consortium, tmp_path: Path
) -> None:
    kent, leeds = nodes.nodes["kent-node"], nodes.nodes["leeds-node"]
    for node in (kent, leeds):
        take(node, tmp_path, "31 March 2024", home("9000001"), home("9000002"))
        publish_all(node)
        take(
            node,
            tmp_path,
            "31 March 2025",
            home("9000001", Local_authority="Leeds"),
            home("9000002"),
        )
    assert publish_all(kent).retired == 1
    assert publish_all(leeds).homes == 1
    assert seen_by(nodes, "lewisham-node") == ["9000001", "9000002"]


def test_a_home_that_returns_is_published_again(nodes: Consortium, tmp_path: Path) -> None:
    kent = nodes.nodes["kent-node"]
    take(kent, tmp_path, "31 March 2023", home("9000001"), home("9000002"))
    publish_all(kent)
    take(kent, tmp_path, "31 March 2024", home("9000002"))
    publish_all(kent)
    take(kent, tmp_path, "31 March 2025", home("9000001"), home("9000002"))
    assert publish_all(kent).homes == 2
    assert seen_by(nodes, "leeds-node") == ["9000001", "9000002"]


def test_a_provider_that_runs_no_home_here_any_more_is_retired(
    nodes: Consortium, tmp_path: Path
) -> None:
    kent = nodes.nodes["kent-node"]
    take(kent, tmp_path, "31 March 2024", home("9000001"))
    assert publish_all(kent).providers == 1
    other = {"Organisation_which_owns_the_provider": "Copper Larch Care"}
    take(kent, tmp_path, "31 March 2025", home("9000001", **other))
    done = publish_all(kent)
    assert (done.homes, done.providers, done.retired) == (1, 1, 1)


def test_an_empty_register_retires_nothing(nodes: Consortium) -> None:
    kent = nodes.nodes["kent-node"]
    with writing(kent.node_db) as connection:
        publish(connection, kent, [a_home("SC900001")])
    sequence(kent)
    assert publish_all(kent).retired == 0


def test_what_no_list_speaks_of_is_not_retired(nodes: Consortium, tmp_path: Path) -> None:
    kent = nodes.nodes["kent-node"]
    with writing(kent.node_db) as connection:
        publish(connection, kent, [a_home("SC900001")])
    take(kent, tmp_path, "31 March 2025", home("9000001"))
    assert publish_all(kent).retired == 0
    assert seen_by(nodes, "leeds-node") == ["9000001", "SC900001"]


def test_older_grades_and_undated_registrations_are_not_published_as_something_else(
    nodes: Consortium, tmp_path: Path
) -> None:
    kent = nodes.nodes["kent-node"]
    overall = {"Overall_experiences_and_progress_of_children_and_young_people": "Adequate"}
    take(kent, tmp_path, "31 March 2025", home("9000001", **overall))
    publish_all(kent)
    nodes.follow_all(nodes.reader)
    with reading(nodes.reader.replica) as connection:
        assert [one.record.judgement for one in search(connection, SearchQuery()).homes] == [None]
