"""Entries and payloads: every member and constraint, and what a stranger cannot tell from one."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.encoding import b64url
from protocols.entries import (
    MAX_BLOB,
    MAX_INDEX,
    MAX_NAMED,
    MAX_RECORD,
    SALT_SIZE,
    Entry,
    check_blob,
    decode_entry,
    erase_entry,
    make_blob,
    pack_blobs,
    payloads_path,
    publish_entry,
    retire_entry,
    unpack_blobs,
)
from protocols.errors import DigestMismatch, Malformed
from protocols.tiles import MAX_ENTRY, Tile
from tests.protocols.factories import NOW, blob, flip, seed

BLOB = blob()
PUBLISHED = publish_entry(BLOB, NOW)
DIGEST = b64url(seed("digest"))
PUBLISH = {"v": 1, "op": "publish", "time": "2026-03-02T09:30:00Z", "digest": DIGEST, "size": 99}
RETIRE = {"v": 1, "op": "retire", "time": "2026-03-02T09:30:00Z", "earlier": [3]}
ERASE = RETIRE | {"op": "erase"}

indexes = st.integers(0, MAX_INDEX - 1)
times = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def written(members: dict[str, Any]) -> bytes:
    return msgspec.json.encode(members)


@given(times, st.none() | indexes)
def test_a_published_blob_comes_back(time: datetime, replaces: int | None) -> None:
    entry = decode_entry(publish_entry(BLOB, time, replaces), MAX_INDEX)
    assert bytes(check_blob(entry, BLOB)) == BLOB[SALT_SIZE:]
    assert entry.earlier == (() if replaces is None else (replaces,))
    assert datetime.fromisoformat(entry.time) == time.replace(microsecond=0)


@given(times, st.lists(indexes, min_size=1, max_size=20))
def test_erased_and_retired_entries_come_back(time: datetime, named: list[int]) -> None:
    assert decode_entry(retire_entry(named[0], time), MAX_INDEX).earlier == (named[0],)
    assert decode_entry(erase_entry(named, time), MAX_INDEX).earlier == tuple(sorted(set(named)))


def test_an_entry_says_nothing_of_the_record() -> None:
    said = msgspec.json.decode(PUBLISHED)
    assert list(said) == ["v", "op", "time", "digest", "size"]
    assert publish_entry(blob(1), NOW) != PUBLISHED


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    summer = datetime(2026, 7, 1, 10, 30, tzinfo=timezone(timedelta(hours=1)))
    assert b'"time":"2026-07-01T09:30:00Z"' in publish_entry(BLOB, summer)
    with pytest.raises(ValueError, match="zone"):
        publish_entry(BLOB, datetime(2026, 7, 1))  # noqa: DTZ001


@pytest.mark.parametrize("entry", [PUBLISHED, retire_entry(2, NOW), erase_entry([1, 2], NOW)])
def test_a_flipped_bit_in_an_entry_is_refused_or_another_entry(entry: bytes) -> None:
    true = decode_entry(entry, 9)
    for bit in range(len(entry) * 8):
        try:
            other = decode_entry(flip(entry, bit), 9)
        except Malformed:
            continue
        assert other != true


@pytest.mark.parametrize(
    "members",
    [
        {},
        PUBLISH | {"v": 2},
        PUBLISH | {"v": "1"},
        PUBLISH | {"v": None},
        PUBLISH | {"op": "delete"},
        PUBLISH | {"op": "Publish"},
        PUBLISH | {"size": SALT_SIZE},
        PUBLISH | {"size": MAX_BLOB + 1},
        PUBLISH | {"size": -1},
        PUBLISH | {"size": None},
        PUBLISH | {"digest": None},
        PUBLISH | {"digest": ""},
        PUBLISH | {"digest": DIGEST + "="},
        PUBLISH | {"digest": DIGEST[:-1]},
        PUBLISH | {"digest": DIGEST[:-1] + "_"},
        PUBLISH | {"digest": "A" * 44},
        PUBLISH | {"earlier": [1, 2]},
        PUBLISH | {"earlier": []},
        PUBLISH | {"earlier": None},
        PUBLISH | {"earlier": [9]},
        PUBLISH | {"earlier": [10]},
        PUBLISH | {"earlier": [-1]},
        PUBLISH | {"earlier": ["3"]},
        PUBLISH | {"name": "Willow House"},
        {member: PUBLISH[member] for member in ("v", "op", "time", "digest")},
        {member: PUBLISH[member] for member in ("v", "op", "time", "size")},
        {member: PUBLISH[member] for member in ("v", "op", "time")},
        {member: PUBLISH[member] for member in ("v", "time", "op", "digest", "size")},
        RETIRE | {"earlier": []},
        RETIRE | {"earlier": [1, 2]},
        RETIRE | {"digest": DIGEST},
        RETIRE | {"size": 99},
        {member: RETIRE[member] for member in ("v", "op", "time")},
        ERASE | {"earlier": []},
        ERASE | {"earlier": [2, 1]},
        ERASE | {"earlier": [1, 1]},
        ERASE | {"earlier": [1, 9]},
        ERASE | {"earlier": [2**53]},
        ERASE | {"earlier": [2**64]},
        ERASE | {"digest": DIGEST, "size": 99},
    ],
)
def test_an_entry_whose_members_contradict_each_other_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        decode_entry(written(members), 9)


@pytest.mark.parametrize(
    "time",
    [
        "",
        "2026-03-02",
        "2026-03-02T09:30:00",
        "2026-03-02T09:30Z",
        "2026-03-02T09:30:00.0Z",
        "2026-03-02T09:30:00+00:00",
        "2026-03-02t09:30:00z",
        "2026-03-02 09:30:00Z",
        "2026-03-02T09:30:00Z ",
        "2026-03-02T09:30:00Z\n",
        "2026-02-30T09:30:00Z",
        "2026-13-02T09:30:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T09:60:00Z",
        "2026-03-02T09:30:60Z",
        "0000-03-02T09:30:00Z",
        "9999-99-99T99:99:99Z",
        "٢٠٢٦-03-02T09:30:00Z",
    ],
)
def test_a_time_that_never_was_is_refused(time: str) -> None:
    """Whoever reads an entry may turn its time into a date without fear."""
    with pytest.raises(Malformed):
        decode_entry(written(PUBLISH | {"time": time}), 9)


@pytest.mark.parametrize(
    "data",
    [
        PUBLISHED + b"\n",
        b" " + PUBLISHED,
        PUBLISHED.replace(b":", b": "),
        PUBLISHED.replace(b'"v":1', b'"v":1.0'),
        PUBLISHED.replace(b'"v":1', b'"v":1,"v":1'),
        PUBLISHED.replace(b'"v":1', b'"v":2,"v":1'),
        PUBLISHED.replace(b"publish", b"\\u0070ublish"),
        PUBLISHED[:-1] + b',"earlier":[]}',
        PUBLISHED[:-1] + b',"earlier":[1.0]}',
        PUBLISHED[:-1] + b',"earlier":[01]}',
    ],
)
def test_another_spelling_of_an_entry_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode_entry(data, 9)


def test_an_entry_names_only_what_stands_before_it() -> None:
    assert decode_entry(retire_entry(8, NOW), 9).earlier == (8,)
    for later in (9, 10, MAX_INDEX):
        with pytest.raises(Malformed):
            decode_entry(retire_entry(later, NOW) if later < MAX_INDEX else b"", 9)


def test_an_entry_that_nobody_would_read_is_not_written() -> None:
    for write in (
        lambda: erase_entry([], NOW),
        lambda: erase_entry(range(MAX_NAMED + 1), NOW),
        lambda: retire_entry(-1, NOW),
        lambda: retire_entry(MAX_INDEX, NOW),
        lambda: publish_entry(bytes(MAX_BLOB + 1), NOW),
        lambda: publish_entry(bytes(SALT_SIZE), NOW),
        lambda: publish_entry(BLOB, NOW, replaces=-1),
    ):
        with pytest.raises(Malformed):
            write()


def test_the_longest_entry_fits_a_bundle() -> None:
    named = range(MAX_INDEX - MAX_NAMED, MAX_INDEX)
    assert len(erase_entry(named, NOW)) < MAX_ENTRY


# --- Payloads -------------------------------------------------------------------------------------


def test_a_blob_with_any_bit_flipped_is_refused() -> None:
    entry = decode_entry(PUBLISHED, 0)
    for bit in range(len(BLOB) * 8):
        with pytest.raises(DigestMismatch):
            check_blob(entry, flip(BLOB, bit))


def test_a_blob_of_another_length_is_refused() -> None:
    entry = decode_entry(PUBLISHED, 0)
    for other in (b"", BLOB[:-1], BLOB + b"\0", BLOB[1:]):
        with pytest.raises(DigestMismatch):
            check_blob(entry, other)


def test_the_blob_of_another_entry_is_refused() -> None:
    with pytest.raises(DigestMismatch):
        check_blob(decode_entry(PUBLISHED, 0), blob(1))


def test_nothing_is_the_blob_of_an_entry_that_publishes_nothing() -> None:
    for entry in (decode_entry(retire_entry(1, NOW), 9), Entry(1, "publish", "")):
        with pytest.raises(DigestMismatch):
            check_blob(entry, b"")


def test_a_blob_needs_a_whole_salt_and_a_record() -> None:
    assert len(make_blob(bytes(SALT_SIZE), bytes(MAX_RECORD))) == MAX_BLOB
    for salt, record in [
        (bytes(SALT_SIZE - 1), b"record"),
        (b"", b"record"),
        (bytes(SALT_SIZE + 1), b"record"),
        (bytes(SALT_SIZE), b""),
        (bytes(SALT_SIZE), bytes(MAX_RECORD + 1)),
    ]:
        with pytest.raises(Malformed):
            make_blob(salt, record)


def test_payload_bundles_lie_beside_the_entry_bundles() -> None:
    assert payloads_path(Tile(0, 1234067, 112)) == "payloads/x001/x234/067.p/112"
    assert payloads_path(Tile(0, 0)) == "payloads/000"


@given(st.lists(st.just(b"") | st.binary(min_size=33, max_size=80), max_size=256))
def test_a_payload_bundle_comes_back(blobs: list[bytes]) -> None:
    assert unpack_blobs(pack_blobs(blobs), len(blobs)) == blobs


def test_a_blob_that_is_too_long_spoils_its_bundle() -> None:
    longest = bytes(MAX_BLOB)
    assert unpack_blobs(pack_blobs([longest]), 1) == [longest]
    with pytest.raises(Malformed, match="too long"):
        unpack_blobs(pack_blobs([longest + b"x"]), 1)


def test_a_length_of_four_gigabytes_reserves_nothing() -> None:
    with pytest.raises(Malformed):
        unpack_blobs(b"\xff\xff\xff\xff", 1)


@given(st.binary(max_size=400), st.integers(0, 256))
def test_any_bytes_are_a_payload_bundle_that_comes_back_or_malformed(
    data: bytes, count: int
) -> None:
    try:
        blobs = unpack_blobs(data, count)
    except Malformed:
        return
    assert pack_blobs(blobs) == data
