"""Tiles and bundles: where they lie, how wide they are, and what does not fit."""

from collections.abc import Iterator
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.errors import Malformed
from protocols.merkle import (
    Frontier,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
)
from protocols.tiles import (
    MAX_ENTRY,
    MAX_LEVEL,
    TILE_WIDTH,
    Tile,
    bundles,
    index_path,
    node_reader,
    pack_entries,
    parse_index_path,
    tile_at,
    unpack_entries,
)
from tests.protocols.factories import Log, leaves, vectors

GO, C2SP = vectors("go_tlog"), vectors("c2sp")


@cache
def go_log() -> Log:
    return Log(leaves(70_000))


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a log, as C2SP tlog-tiles counts them."""
    for level in range(8):
        hashes = size >> 8 * level
        for index in range(-(-hashes // TILE_WIDTH)):
            yield tile_at(level, index, size)


# --- Paths ----------------------------------------------------------------------------------------


def test_paths_are_those_of_c2sp() -> None:
    for one in C2SP["tile_paths"]:
        assert index_path(one["index"], TILE_WIDTH) == one["path"]
        assert parse_index_path(one["path"]) == (one["index"], TILE_WIDTH)
    assert Tile(0, 1234067, 112).path == "tile/0/x001/x234/067.p/112"
    assert Tile(0, 0).entries_path == "tile/entries/000"


@given(st.integers(0, 2**55), st.integers(1, TILE_WIDTH))
def test_a_path_comes_back(index: int, width: int) -> None:
    assert parse_index_path(index_path(index, width)) == (index, width)


@given(
    st.integers(0, 2_000_000),
    st.integers(1, TILE_WIDTH),
    st.data(),
    st.sampled_from([*"0189xp./-+ \n١e%", "", "x000/", "..", ".p/1", "//"]),
)
def test_another_spelling_of_a_path_is_refused_or_another_tile(
    index: int, width: int, data: st.DataObject, other: str
) -> None:
    path = index_path(index, width)
    at = data.draw(st.integers(0, len(path)))
    for changed in (path[:at] + other + path[at:], path[:at] + other + path[at + 1 :]):
        if changed != path:
            try:
                found = parse_index_path(changed)
            except Malformed:
                continue
            assert found != (index, width)
            assert index_path(*found) == changed


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "00",
        "0000",
        "x000",
        "x000/000",
        "x000/001",
        "001/234",
        "x1/234",
        "x001/x234",
        "000.p/0",
        "000.p/00",
        "000.p/01",
        "000.p/256",
        "000.p/999",
        "000.p/1000",
        "000.p/",
        "000.p",
        "000.P/1",
        "-01",
        "+01",
        "0_1",
        "000\n",
        " 000",
        "٠٠٠",
        "../000",
        "x000/../000",
        "000.p/1/x",
        "x123/" * 7 + "000",
        "x123/" * 5000 + "000",
    ],
)
def test_a_path_that_is_no_tile_is_refused(path: str) -> None:
    with pytest.raises(Malformed):
        parse_index_path(path)


@pytest.mark.parametrize(
    ("level", "index", "width"),
    [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257), (0, 0, -1)],
)
def test_a_tile_that_cannot_be_is_refused(level: int, index: int, width: int) -> None:
    with pytest.raises(Malformed):
        Tile(level, index, width)
    assert Tile(MAX_LEVEL, 0, 1).width == 1


# --- Which tiles a log has ------------------------------------------------------------------------


def test_a_log_has_as_many_tiles_as_c2sp_counts() -> None:
    for one in C2SP["tiles"]:
        levels = {level["level"]: level for level in one["levels"]}
        for tile in tiles_of(one["size"]):
            full = levels[tile.level]["full"]
            partial = levels[tile.level]["partial_width"]
            assert tile.width == (TILE_WIDTH if tile.index < full else partial)
            assert tile.index <= full
        count = sum(level["full"] + bool(level["partial_width"]) for level in one["levels"])
        assert len(list(tiles_of(one["size"]))) == count


def test_tiles_and_bundles_are_those_of_go() -> None:
    log = go_log()
    ours = {tile.path: sha256(log.tile(tile)).hexdigest() for tile in tiles_of(log.size)}
    for tile in bundles(0, log.size):
        ours[tile.entries_path] = sha256(log.bundle(tile.index)).hexdigest()
    assert ours == GO["sha256_of_tiles"]
    for tile in tiles_of(log.size):
        if tile.path in GO["tiles"]:
            assert log.tile(tile).hex() == GO["tiles"][tile.path]


@pytest.mark.parametrize(
    ("level", "index", "size"), [(0, 0, 0), (0, 1, 256), (1, 0, 255), (2, 0, 65535), (0, 2**60, 5)]
)
def test_no_empty_tile_is_named(level: int, index: int, size: int) -> None:
    with pytest.raises(Malformed):
        tile_at(level, index, size)


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_bundles_cover_what_is_asked_and_no_tile_more(one: int, two: int) -> None:
    start, end = sorted((one, two))
    covering = list(bundles(start, end))
    assert [tile.index for tile in covering] == sorted({at // 256 for at in range(start, end)})
    for tile in covering:
        assert tile.width == min(256, end - tile.start)


def test_a_tile_says_where_it_starts() -> None:
    assert Tile(0, 3).start == 3 * 256
    assert Tile(1, 1, 17).start == 65536


# --- Hashes from tiles ----------------------------------------------------------------------------


@given(st.integers(1, 70_000), st.data())
def test_proofs_made_from_tiles_verify(size: int, data: st.DataObject) -> None:
    log = go_log()
    read = node_reader(size, log.tile)
    root = frontier(size).root()
    index = data.draw(st.integers(0, size - 1))
    check_inclusion(index, log.hashes[0, index], size, root, inclusion_proof(index, size, read))
    old = data.draw(st.integers(0, size))
    proof = consistency_proof(old, size, read)
    check_consistency(old, frontier(old).root(), size, root, proof)


def frontier(size: int) -> Frontier:
    """From the hashes that are known already: a subtree for every bit that is set."""
    log, hashes, start = go_log(), [], 0
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            hashes.append(complete(log, bit, start >> bit))
            start += 1 << bit
    return Frontier(size, tuple(hashes))


@cache
def complete(log: Log, level: int, index: int) -> bytes:
    if level % 8 == 0:
        return log.hashes[level // 8, index]
    below = [complete(log, level - 1, 2 * index + side) for side in (0, 1)]
    return sha256(b"\x01" + below[0] + below[1]).digest()


@pytest.mark.parametrize("change", [-32, -1, 1, 32])
def test_a_tile_of_another_length_is_refused(change: int) -> None:
    log = Log(leaves(300))

    def read(tile: Tile) -> bytes:
        hashes = log.tile(tile)
        return hashes[:change] if change < 0 else hashes + bytes(change)

    with pytest.raises(Malformed, match="hashes"):
        node_reader(300, read)(0, 299)


def test_a_reader_asks_for_no_tile_that_the_log_does_not_have() -> None:
    log = Log(leaves(300))
    read = node_reader(300, log.tile)
    for level, index in [(0, 300), (8, 1), (9, 0), (16, 0), (600, 0), (3, 37)]:
        with pytest.raises(Malformed):
            read(level, index)


def test_a_reader_reads_each_complete_subtree() -> None:
    log = Log(leaves(300))
    read = node_reader(300, log.tile)
    for level in range(9):
        for index in range(300 >> level):
            assert read(level, index) == complete(log, level, index)


# --- Bundles --------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=300), max_size=300))
def test_a_bundle_comes_back(entries: list[bytes]) -> None:
    assert unpack_entries(pack_entries(entries), len(entries)) == entries


def test_the_longest_entry_comes_back() -> None:
    longest = bytes(MAX_ENTRY)
    assert unpack_entries(pack_entries([longest, b""]), 2) == [longest, b""]
    with pytest.raises(OverflowError):
        pack_entries([longest + b"x"])


@given(st.lists(st.binary(max_size=30), min_size=1, max_size=20), st.data())
def test_a_bundle_cut_short_extended_or_miscounted_is_refused(
    entries: list[bytes], data: st.DataObject
) -> None:
    bundle, count = pack_entries(entries), len(entries)
    cut = data.draw(st.integers(0, len(bundle) - 1))
    more = data.draw(st.binary(min_size=1, max_size=4))
    for changed, number in [
        (bundle[:cut], count),
        (bundle + more, count),
        (bundle, count + 1),
        (bundle, count - 1),
    ]:
        with pytest.raises(Malformed):
            unpack_entries(changed, number)


@given(st.binary(max_size=400), st.integers(0, 256))
def test_any_bytes_are_a_bundle_that_comes_back_or_malformed(data: bytes, count: int) -> None:
    try:
        entries = unpack_entries(data, count)
    except Malformed:
        return
    assert len(entries) == count
    assert pack_entries(entries) == data
