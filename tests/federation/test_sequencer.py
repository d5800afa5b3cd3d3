"""A node's own log: everything that is staged, once, in order, and never two logs of one name."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

import federation.sequencer
from federation import Node, audit_logs, own_log, reading, sequence, stage, staged_count, writing
from federation.errors import ForkRefused, UnsafeKeys
from protocols.checkpoint import open_checkpoint
from protocols.encoding import b64
from protocols.entries import decode_entry
from protocols.merkle import EMPTY_ROOT, Frontier, leaf_hash
from tests.federation import deeds
from tests.federation.processes import Doing
from tests.federation.worlds import (
    World,
    a_home,
    own_checkpoint,
    own_entries,
    own_records,
    publish,
    small_records,
    urns,
)

pytestmark = pytest.mark.both_databases


def put(node: Node, *records: tuple[str, bytes]) -> None:
    with writing(node.node_db) as connection:
        stage(connection, node, records)


def own_size(node: Node) -> int:
    with reading(node.node_db) as connection:
        log = own_log(connection)
    return log.size if log else 0


# --- Publishing ---------------------------------------------------------------------------------


def test_what_is_staged_becomes_entries_in_the_order_of_staging(world: World) -> None:
    kent = world["kent"]
    for record in small_records(3):
        put(kent, ("thing", record))
    assert sequence(kent) == 3
    assert own_records(kent) == small_records(3)
    entries = [decode_entry(raw, at) for at, raw in enumerate(own_entries(kent))]
    assert [entry.earlier for entry in entries] == [(), (0,), (1,)]
    assert {entry.time for entry in entries} == {"2026-11-20T09:30:00Z"}


def test_an_entry_names_the_one_it_replaces_from_an_earlier_publication(world: World) -> None:
    kent = world["kent"]
    put(kent, ("a", b"1"), ("b", b"2"))
    sequence(kent)
    put(kent, ("b", b"3"), ("c", b"4"))
    sequence(kent)
    entries = [decode_entry(raw, at) for at, raw in enumerate(own_entries(kent))]
    assert [entry.earlier for entry in entries] == [(), (), (1,), ()]


def test_an_empty_log_is_signed_so_that_others_can_begin(world: World) -> None:
    kent = world["kent"]
    assert sequence(kent) == 0
    signed = open_checkpoint(own_checkpoint(kent), kent.member.origin, kent.member.log_verifiers)
    assert (signed.size, signed.root) == (0, EMPTY_ROOT)
    assert world.follow("leeds", "kent") == 0


def test_nothing_new_is_not_signed_again(world: World) -> None:
    publish(world["kent"], *small_records(2))
    before = own_checkpoint(world["kent"])
    assert sequence(world["kent"]) == 0
    assert own_checkpoint(world["kent"]) == before


def test_what_was_staged_in_a_transaction_that_failed_is_not_published(world: World) -> None:
    kent = world["kent"]
    with pytest.raises(OSError, match="no"), writing(kent.node_db) as connection:  # noqa: PT012
        stage(connection, kent, [("a", b"1")])
        raise OSError("no")
    assert sequence(kent) == 0
    assert own_size(kent) == 0


def test_more_than_one_batch_is_one_log(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(federation.sequencer, "BATCH", 100)
    assert publish(world["kent"], *small_records(1050)) == 1050
    assert own_records(world["kent"]) == small_records(1050)
    assert all(audited.problem is None for audited in audit_logs(world["kent"]))
    assert world.follow("leeds", "kent") == 1050


def test_every_checkpoint_is_of_the_entries_it_counts(world: World) -> None:
    kent = world["kent"]
    for count in (1, 254, 1, 1, 300):
        publish(kent, *small_records(count))
        entries = own_entries(kent)
        root = Frontier().extend(map(leaf_hash, entries))[0].root()
        signed = open_checkpoint(
            own_checkpoint(kent), kent.member.origin, kent.member.log_verifiers
        )
        assert (signed.size, signed.root) == (len(entries), root)
        mark = kent.keys.high_water()
        assert mark is not None
        assert (mark.size, mark.root) == (len(entries), root)


@pytest.mark.parametrize("step", ["raise_high_water", "sign_checkpoint"])
def test_a_publication_that_stops_half_way_is_ended_by_the_next(
    world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kent = world["kent"]
    publish(kent, *small_records(3))
    before = own_checkpoint(kent)

    def fail(*_: object) -> None:
        raise OSError("stopped here")

    target = (
        "federation.keystore.KeyStore" if step == "raise_high_water" else "federation.sequencer"
    )
    with monkeypatch.context() as broken, pytest.raises(OSError, match="stopped"):  # noqa: PT012
        broken.setattr(f"{target}.{step}", fail)
        publish(kent, *small_records(5))
    assert own_checkpoint(kent) == before
    assert world.follow("leeds", "kent") == 3
    assert sequence(kent) == 0
    assert own_records(kent) == small_records(3) + small_records(5)
    assert world.follow("leeds", "kent") == 5


# --- A log never forks --------------------------------------------------------------------------


def restored(world: World, backup: Path) -> Node:
    """Kent with the databases of a backup, and the keys that it has."""
    world["kent"].close()
    world.database.restore(world.folder / "kent", backup)
    return world.open("kent")


def nothing_is_signed(kent: Node, because: str) -> None:
    before, mark = own_checkpoint(kent), kent.keys.high_water()
    with pytest.raises(ForkRefused, match=because):
        sequence(kent)
    put(kent, ("new", b"{}"))
    for _ in range(2):
        with pytest.raises(ForkRefused, match=because):
            sequence(kent)
    assert own_checkpoint(kent) == before
    assert kent.keys.high_water() == mark
    with reading(kent.node_db) as connection:
        assert staged_count(connection) == 1
    problems = [one.problem for one in audit_logs(kent) if one.database == "keys/high-water"]
    assert len(problems) == 1


def test_a_restored_old_database_signs_nothing_and_says_what_to_do(world: World) -> None:
    publish(world["kent"], *small_records(3))
    backup = world.copy("kent")
    world.publish_homes("kent", a_home("U1"))
    world.follow("leeds", "kent")
    kent = restored(world, backup)
    nothing_is_signed(kent, "holds 3 entries of our log, but 4 were signed.*hearth recover")
    assert urns(world["leeds"]) == ["U1"]


def test_a_newer_backup_makes_a_restored_node_whole_again(world: World) -> None:
    publish(world["kent"], *small_records(3))
    old = world.copy("kent")
    publish(world["kent"], *small_records(2))
    new = world.copy("kent")
    world.follow("leeds", "kent")
    nothing_is_signed(restored(world, old), "restore a newer backup")
    kent = restored(world, new)
    assert publish(kent, b"{}") == 1
    assert world.follow("leeds", "kent") == 1


def test_a_lost_database_signs_nothing(world: World) -> None:
    empty = world.copy("kent")
    publish(world["kent"], *small_records(3))
    nothing_is_signed(restored(world, empty), "holds 0 entries of our log, but 3 were signed")


def test_a_database_with_another_history_of_the_same_length_signs_nothing(world: World) -> None:
    backup = world.copy("kent")
    publish(world["kent"], *small_records(3))
    other = world.another("kent", backup)
    publish(other, b"other", *small_records(2))
    other.close()
    nothing_is_signed(restored(world, backup), "differs from what was signed before")


def test_a_database_with_another_longer_history_signs_nothing(world: World) -> None:
    backup = world.copy("kent")
    publish(world["kent"], *small_records(3))
    other = world.another("kent", backup)
    publish(other, b"other", *small_records(300))
    other.close()
    kent = restored(world, backup)
    put(kent, ("new", b"{}"))
    with pytest.raises(ForkRefused, match="differs from what was signed before"):
        sequence(kent)


def test_a_backup_of_the_keys_without_the_mark_signs_nothing_until_it_is_told(
    world: World,
) -> None:
    publish(world["kent"], *small_records(3))
    backup = world.copy("kent")
    publish(world["kent"], *small_records(2))
    world.follow("leeds", "kent")
    mark = world.folder / "kent" / "keys" / "high-water"
    mark.unlink()
    kent = restored(world, backup)
    nothing_is_signed(kent, "high-water mark is missing.*log-info")
    held = world.log("leeds", "kent")
    mark.write_text(f"{held.size} {b64(held.root)}\n")
    with pytest.raises(ForkRefused, match="holds 3 entries of our log, but 5 were signed"):
        sequence(kent)


def test_a_mark_that_others_attest_lets_the_log_go_on(world: World) -> None:
    publish(world["kent"], *small_records(5))
    world.follow("leeds", "kent")
    mark = world.folder / "kent" / "keys" / "high-water"
    mark.unlink()
    held = world.log("leeds", "kent")
    mark.write_text(f"{held.size} {b64(held.root)}\n")
    assert publish(world["kent"], b"{}") == 1
    assert world.follow("leeds", "kent") == 1


def test_a_damaged_mark_signs_nothing(world: World) -> None:
    publish(world["kent"], *small_records(3))
    before = own_checkpoint(world["kent"])
    (world.folder / "kent" / "keys" / "high-water").write_text("3 damaged")
    put(world["kent"], ("new", b"{}"))
    with pytest.raises(UnsafeKeys, match="damaged"):
        sequence(world["kent"])
    assert own_checkpoint(world["kent"]) == before


# --- Two at once --------------------------------------------------------------------------------


def test_two_sequencers_at_once_give_one_log(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(federation.sequencer, "BATCH", 7)
    first, second = world["kent"], world.another("kent")

    def run(node: Node, name: str) -> None:
        for number in range(20):
            put(node, *((f"{name}{number}.{n}", b"%d" % n) for n in range(10)))
            sequence(node)

    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(run, node, name) for node, name in ((first, "a"), (second, "b"))]
    for ended in runs:
        ended.result()
    sequence(first)
    assert own_size(first) == 400
    assert sorted(own_records(first)) == sorted([b"%d" % n for n in range(10)] * 40)
    assert all(audited.problem is None for audited in audit_logs(first))
    assert world.follow("leeds", "kent") == 400


def test_processes_that_publish_at_once_never_sign_what_could_be_two_histories(
    world: World,
) -> None:
    kent, told = world["kent"], world.folder / "signed"
    with ExitStack() as stack:
        running = [
            stack.enter_context(Doing(deeds.publish_and_tell, kent.folder, name, 8, told))
            for name in ("a", "b", "c")
        ]
        for one in running:
            one.ended_well()
    sequence(kent)
    roots = [Frontier().root()]
    frontier = Frontier()
    for raw in own_entries(kent):
        frontier, _ = frontier.extend([leaf_hash(raw)])
        roots.append(frontier.root())
    signed = [line.split() for line in told.read_text("ascii").splitlines()]
    assert len(signed) > 3
    # Each is over a beginning of the one log, so any two of them are consistent.
    assert all(roots[int(size)].hex() == root for size, root in signed)
    assert len(roots) == 3 * 8 * 5 + 1
    world.follow("leeds", "kent")
    assert audit_logs(kent)[0].problem is None
