"""Following: nothing counts before it is proved, and no author can stop or fork a reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.checkpoint import Checkpoint
from protocols.entries import publish_entry
from protocols.errors import Inconsistent, Malformed, Rollback
from protocols.following import check_successor, read_entry, verify_batch
from protocols.merkle import Frontier, Node, leaf_hash
from protocols.tiles import Tile, node_reader
from tests.protocols.factories import (
    NOW,
    Log,
    blob,
    flip,
    home,
    leaves,
    origin,
    seed,
    small_log,
)


def hashes_of(log: Log) -> Node:
    return node_reader(log.size, log.tile)


def held(entries: list[bytes]) -> Frontier:
    return Frontier().extend(map(leaf_hash, entries))[0]


def nothing_to_read(tile: Tile) -> bytes:
    raise AssertionError(f"asked for {tile.path}")


@given(st.integers(0, 600), st.data())
def test_a_log_is_followed_in_batches_of_any_size(size: int, data: st.DataObject) -> None:
    log, frontier, start = Log(leaves(size)), Frontier(), 0
    subtrees = []
    while start < size:
        end = data.draw(st.integers(start + 1, size))
        batch = verify_batch(frontier, log.entries[start:end], log.checkpoint(), hashes_of(log))
        assert (batch.start, batch.entries) == (start, log.entries[start:end])
        frontier, start = batch.held, end
        subtrees += batch.subtrees
    assert frontier == log.frontier
    assert frontier.root() == log.checkpoint().root
    assert subtrees == Frontier().extend(map(leaf_hash, log.entries))[1]


def test_a_log_that_has_not_grown_needs_nothing_more() -> None:
    log = Log(leaves(300))
    check_successor(log.frontier, log.checkpoint(), node_reader(300, nothing_to_read))
    check_successor(Frontier(), Log([]).checkpoint(), node_reader(0, nothing_to_read))
    check_successor(Frontier(), log.checkpoint(), node_reader(300, nothing_to_read))


def test_a_smaller_checkpoint_after_a_larger_one_is_a_rollback() -> None:
    log, shorter = Log(leaves(10)), Log(leaves(9))
    with pytest.raises(Rollback):
        check_successor(log.frontier, shorter.checkpoint(), hashes_of(shorter))
    with pytest.raises(Rollback):
        check_successor(log.frontier, Log([]).checkpoint(), node_reader(0, nothing_to_read))


@pytest.mark.parametrize("at", [0, 1, 6, 7])
@pytest.mark.parametrize("size", [8, 9, 20, 300])
def test_a_log_that_was_rewritten_is_refused(at: int, size: int) -> None:
    rewritten = leaves(size)
    rewritten[at] = b"another"
    fork = Log(rewritten)
    before = held(leaves(8))
    with pytest.raises(Inconsistent):
        check_successor(before, fork.checkpoint(), hashes_of(fork))
    with pytest.raises(Inconsistent):
        verify_batch(before, fork.entries[8:], fork.checkpoint(), hashes_of(fork))


@given(st.integers(1, 300), st.integers(0, 300), st.data())
def test_an_entry_with_a_bit_flipped_is_refused(size: int, known: int, data: st.DataObject) -> None:
    known = min(known, size - 1)
    log = Log(leaves(size))
    entries = log.entries[known:]
    at = data.draw(st.integers(0, len(entries) - 1))
    entries[at] = flip(entries[at], data.draw(st.integers(0, len(entries[at]) * 8 - 1)))
    with pytest.raises(Inconsistent):
        verify_batch(held(log.entries[:known]), entries, log.checkpoint(), hashes_of(log))


def test_entries_dropped_added_swapped_or_out_of_place_are_refused() -> None:
    log = Log(leaves(20))
    before, after = held(log.entries[:8]), log.entries[8:]
    for entries in (
        after[1:],
        [after[1], after[0], *after[2:]],
        [*after[:4], b"another", *after[4:-1]],
        [*after, b"one more"],
        log.entries,
        [b"", *after[1:]],
    ):
        with pytest.raises(Inconsistent):
            verify_batch(before, entries, log.checkpoint(), hashes_of(log))


def test_more_entries_than_the_checkpoint_signs_are_refused() -> None:
    log = Log(leaves(20))
    with pytest.raises(Inconsistent, match="21 entries"):
        verify_batch(Frontier(), leaves(21), log.checkpoint(), hashes_of(log))


def test_hashes_that_do_not_belong_to_the_checkpoint_prove_nothing() -> None:
    log, fork = Log(leaves(300)), Log([b"another", *leaves(300)[1:]])
    for entries in (log.entries[100:200], fork.entries[100:200]):
        with pytest.raises(Inconsistent):
            verify_batch(held(log.entries[:100]), entries, log.checkpoint(), hashes_of(fork))
    with pytest.raises(Inconsistent):
        verify_batch(Frontier(), fork.entries[:200], log.checkpoint(), hashes_of(fork))


def test_a_tile_cut_short_is_refused() -> None:
    log = Log(leaves(300))
    short = node_reader(300, lambda tile: log.tile(tile)[:-32])
    with pytest.raises(Malformed):
        check_successor(held(log.entries[:7]), log.checkpoint(), short)


def test_a_root_that_its_log_does_not_have_is_refused() -> None:
    log = Log(leaves(20))
    lying = Checkpoint(origin("alder"), 20, seed("root"))
    with pytest.raises(Inconsistent):
        verify_batch(Frontier(), log.entries, lying, hashes_of(log))
    with pytest.raises(Inconsistent):
        verify_batch(Frontier(), log.entries[:5], lying, hashes_of(log))


def test_no_entries_of_an_empty_log_are_a_batch() -> None:
    log = Log([])
    assert verify_batch(Frontier(), [], log.checkpoint(), hashes_of(log)).held == Frontier()


# --- What stands in an entry ----------------------------------------------------------------------


def test_an_entry_is_joined_with_its_record() -> None:
    log, blobs = small_log()
    read = [read_entry(at, raw, blobs[at]) for at, raw in enumerate(log.entries)]
    assert [one.entry and one.entry.op for one in read] == ["publish", "publish", "erase", "retire"]
    assert [one.record is None for one in read] == [True, False, True, True]
    assert read[1].record == home(places=3)
    assert read[1].blob == blobs[1]


def test_a_blob_that_is_missing_or_wrong_leaves_the_entry_standing() -> None:
    """An author, or a mirror, that withholds a payload stops nobody."""
    raw = publish_entry(blob(0), NOW)
    for wrong in (b"", blob(1), blob(0)[:-1], blob(0) + b"x", flip(blob(0), 300), b"\0"):
        read = read_entry(0, raw, wrong)
        assert read.entry is not None
        assert (read.blob, read.record) == (None, None)


def test_a_blob_for_an_entry_that_publishes_nothing_is_let_lie() -> None:
    log, _ = small_log()
    for at in (2, 3):
        assert read_entry(at, log.entries[at], blob(0)).record is None


@pytest.mark.parametrize(
    "raw", [b"", b"\0", b"{}", b"not an entry", b"[" * 60_000, b'{"v":1}', b"\xff" * 65535]
)
def test_bytes_that_are_no_entry_count_for_the_tree_alone(raw: bytes) -> None:
    read = read_entry(5, raw, blob(0))
    assert (read.index, read.raw) == (5, raw)
    assert (read.entry, read.blob, read.record) == (None, None, None)
    log = Log([raw, *leaves(3)])
    assert verify_batch(Frontier(), log.entries, log.checkpoint(), hashes_of(log)).held.size == 4


def test_an_entry_that_names_itself_or_what_comes_after_it_counts_for_the_tree_alone() -> None:
    raw = publish_entry(blob(0), NOW, replaces=5)
    assert read_entry(6, raw, blob(0)).record is not None
    for index in (0, 4, 5):
        assert read_entry(index, raw, blob(0)).entry is None
