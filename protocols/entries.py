"""Log entries and the payloads behind them.

An entry is public and tells a stranger only that something was published: its bytes are stored and
hashed as they are. The payload is a separate blob that begins with 32 random bytes, so that nothing
can be guessed from the digest once the blob is erased. Blobs travel in bundles aligned with the
entry bundles, to members only.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from protocols.encoding import b64url, decode_canonical, encode_canonical
from protocols.errors import DigestMismatch, Malformed
from protocols.tiles import Tile, index_path, unpack

SALT_SIZE = 32
MAX_RECORD = 64 * 1024
MAX_BLOB = SALT_SIZE + MAX_RECORD
MAX_NAMED = 1000
MAX_INDEX = 2**53 - 1
Index: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_INDEX)]
# base64url of 32 bytes in its one spelling: the last character carries four bits.
Digest: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")]
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Entry(Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """One line of a log, format version 1.

    `publish` carries the SHA-256 `digest` (base64url) and `size` in bytes of its blob, and names
    the entry that it replaces, if any. `retire` names the one entry that is no longer current.
    `erase` names every entry whose blob is to be destroyed. `earlier` holds those indexes in rising
    order.
    `time` is UTC, to the second, as the author's clock had it; nothing rests on it.
    """

    v: Literal[1]
    op: Literal["publish", "retire", "erase"]
    time: str
    digest: Digest | None = None
    size: Annotated[int, Meta(gt=SALT_SIZE, le=MAX_BLOB)] | None = None
    earlier: Annotated[tuple[Index, ...], Meta(max_length=MAX_NAMED)] = ()


_entry = msgspec.json.Decoder(Entry)
# The fewest and most earlier entries that an operation names.
_NAMED = {"publish": (0, 1), "retire": (1, 1), "erase": (1, MAX_NAMED)}


def publish_entry(blob: bytes, time: datetime, replaces: int | None = None) -> bytes:
    """The entry that publishes `blob`. `time` is aware; it is written in UTC.

    This function and the next two raise Malformed for an entry that no reader would accept.
    """
    earlier = () if replaces is None else (replaces,)
    digest = b64url(sha256(blob).digest())
    return _encode(Entry(1, "publish", _utc(time), digest, len(blob), earlier))


def retire_entry(earlier: int, time: datetime) -> bytes:
    """The entry that says that the one at `earlier` is no longer current."""
    return _encode(Entry(1, "retire", _utc(time), earlier=(earlier,)))


def erase_entry(earlier: Iterable[int], time: datetime) -> bytes:
    """The entry on which every holder destroys the blobs of the entries at `earlier`."""
    return _encode(Entry(1, "erase", _utc(time), earlier=tuple(sorted(set(earlier)))))


def decode_entry(data: bytes, index: int) -> Entry:
    """The entry that stands at `index`; raises Malformed when its members contradict each other."""
    return _check(decode_canonical(data, _entry, f"entry {index}"), index)


def _check(entry: Entry, index: int) -> Entry:
    publishes, named = entry.op == "publish", entry.earlier
    fewest, most = _NAMED[entry.op]
    if (
        publishes != (entry.digest is not None)
        or publishes != (entry.size is not None)
        or not _is_time(entry.time)
        or not fewest <= len(named) <= most
        or (named and named[-1] >= index)
        or any(one >= next_one for one, next_one in pairwise(named))
    ):
        raise Malformed(f"entry {index}: its members contradict each other")
    return entry


def make_blob(salt: bytes, record: bytes) -> bytes:
    """A payload: 32 random bytes, drawn by the caller for this blob alone, then the record."""
    if len(salt) != SALT_SIZE or not 0 < len(record) <= MAX_RECORD:
        raise Malformed(
            f"payload: needs a salt of {SALT_SIZE} bytes and 1 to {MAX_RECORD} of record"
        )
    return salt + record


def check_blob(entry: Entry, blob: bytes) -> bytes:
    """The record in `blob`; raises DigestMismatch unless it is the one that the entry publishes."""
    if len(blob) != entry.size or b64url(sha256(blob).digest()) != entry.digest:
        raise DigestMismatch("payload: not the one that the log entry names")
    return blob[SALT_SIZE:]


def payloads_path(tile: Tile) -> str:
    """Path of the payload bundle with a tile's index and width, such as `payloads/000.p/7`."""
    return f"payloads/{index_path(tile.index, tile.width)}"


def pack_blobs(blobs: Iterable[bytes]) -> bytes:
    """A payload bundle: every blob after its length in four bytes, big-endian.

    An entry without a blob, or whose blob was erased, has the empty one.
    """
    return b"".join(len(blob).to_bytes(4) + blob for blob in blobs)


def unpack_blobs(bundle: bytes, count: int) -> list[bytes]:
    """The `count` blobs of a bundle; raises Malformed when there are fewer, more or a rest."""
    return unpack(bundle, count, prefix=4, limit=MAX_BLOB, what="payload bundle")


def _encode(entry: Entry) -> bytes:
    return encode_canonical(_check(entry, MAX_INDEX), _entry, "entry")


def _is_time(text: str) -> bool:
    try:
        return bool(_TIME.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _utc(time: datetime) -> str:
    if time.utcoffset() is None:
        raise ValueError("a time in an entry needs its zone")
    return (time - time.utcoffset()).strftime("%Y-%m-%dT%H:%M:%SZ")  # type: ignore[operator]
