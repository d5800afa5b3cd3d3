"""What an author retires is no longer current: in its own log, and with everybody who follows."""

import pytest

from federation import Node, audit_logs, sequence, stage, stage_retirement, staged_count, writing
from protocols.entries import decode_entry
from tests.federation.worlds import World, a_home, home_record, own_entries, payload_states, urns

pytestmark = pytest.mark.both_databases


def put(node: Node, *records: tuple[str, bytes]) -> None:
    with writing(node.node_db) as connection:
        stage(connection, node, records)


def retire(node: Node, *references: str) -> None:
    with writing(node.node_db) as connection:
        stage_retirement(connection, node, references)


def operations(node: Node) -> list[tuple[str, tuple[int, ...]]]:
    entries = [decode_entry(raw, at) for at, raw in enumerate(own_entries(node))]
    return [(entry.op, entry.earlier) for entry in entries]


def test_a_retirement_names_the_latest_entry_of_its_reference(world: World) -> None:
    kent = world["kent"]
    put(kent, ("a", b"1"), ("b", b"2"))
    put(kent, ("a", b"3"))
    sequence(kent)
    retire(kent, "a")
    assert sequence(kent) == 1
    assert operations(kent)[2:] == [("publish", (0,)), ("retire", (2,))]


def test_a_retired_home_leaves_the_search_of_everybody_and_may_come_back(world: World) -> None:
    kent = world["kent"]
    put(kent, ("home/U1", home_record("U1")), ("home/U2", home_record("U2")))
    sequence(kent)
    retire(kent, "home/U1")
    sequence(kent)
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == [a_home("U2").urn]
    assert [state.name for state in payload_states(world["leeds"], "kent")][2] == "NONE"
    put(kent, ("home/U1", home_record("U1", places=4)))
    sequence(kent)
    assert operations(kent)[3] == ("publish", ())
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["U1", "U2"]


def test_what_is_published_and_retired_in_one_batch_is_both_in_that_order(world: World) -> None:
    kent = world["kent"]
    put(kent, ("a", b"1"))
    retire(kent, "a", "a")
    put(kent, ("a", b"2"))
    assert sequence(kent) == 3
    assert operations(kent) == [("publish", ()), ("retire", (0,)), ("publish", ())]


def test_what_was_never_published_retires_nothing_and_does_not_stay_in_the_queue(
    world: World,
) -> None:
    kent = world["kent"]
    retire(kent, "nothing")
    assert sequence(kent) == 0
    with writing(kent.node_db) as connection:
        assert staged_count(connection) == 0
    assert own_entries(kent) == []


def test_a_log_with_retirements_passes_its_audit(world: World) -> None:
    kent = world["kent"]
    put(kent, ("a", b"1"))
    retire(kent, "a")
    sequence(kent)
    assert not any(one.problem for one in audit_logs(kent))
