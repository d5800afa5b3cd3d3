"""Clauses of section 9.2: the snapshot is signed, expires, is for members, and never goes back."""

from datetime import datetime

from msgspec import Struct
from msgspec.json import Decoder

from federation.client import Answer
from federation.conformance.clause import Broken, NotAsked, clause
from federation.conformance.tokens import member, token
from federation.conformance.visit import Visit
from protocols.encoding import decode_json, from_b64url
from protocols.errors import Inconsistent, Malformed, ProtocolError, Rollback
from protocols.keys import Purpose
from protocols.messages import CLOCK_LEEWAY
from protocols.snapshots import (
    LONGEST_LIFE,
    MAX_SNAPSHOT,
    HeldSnapshot,
    Snapshot,
    open_snapshot,
    snapshot_digest,
)

_object: Decoder[dict[str, object]] = Decoder(dict[str, object])


class _Times(Struct):
    issued: datetime
    expires: datetime


_times = Decoder(_Times)


@clause("9.2/snapshot", for_members=True)
def snapshot(visit: Visit) -> None:
    """The snapshot is in its form, this node's, and signed by its access key."""
    _open(visit, _text(visit))


@clause("9.2/expires", for_members=True)
def expires(visit: Visit) -> None:
    """The snapshot says until when it holds: at most a week after it was issued, and not past."""
    _check_times(visit, _text(visit))


@clause("9.2/newest", for_members=True)
def newest(visit: Visit) -> None:
    """Asked again, the snapshot is the same, or has a higher number."""
    text = _text(visit)
    first = _open(visit, text)
    _open(visit, _text(visit), HeldSnapshot(first.number, snapshot_digest(text)))


@clause("9.2/no-store", for_members=True)
def no_store(visit: Visit) -> None:
    """Snapshots are not to be cached: `Cache-Control: no-store`."""
    caching = _served(visit).headers.get("Cache-Control", "")
    if "no-store" not in caching:
        raise Broken("9.2/no-store", f"Cache-Control is {caching[:99]!r}")


def _served(visit: Visit) -> Answer:
    answer = visit.get("snapshot", MAX_SNAPSHOT, token(visit))
    if answer.status == 404:
        raise NotAsked("this node has no snapshot that holds now")
    if answer.status != 200:
        name = "13/members" if answer.status in (401, 403) else "13/served"
        raise Broken(name, f"snapshot: answered {answer.status} to a member with a token")
    return answer


def _text(visit: Visit) -> str:
    return _served(visit).body.decode("ascii", errors="replace")


def _check_times(visit: Visit, text: str) -> None:
    try:
        payload = from_b64url(text.split(".")[1], "snapshot")
        raw = decode_json(payload, _object, "snapshot")
    except (Malformed, IndexError) as error:
        raise Broken("9.2/snapshot", str(error)) from error
    try:
        times = decode_json(payload, _times, "snapshot")
        lives = (times.expires - times.issued) / LONGEST_LIFE
        past = visit.now() - CLOCK_LEEWAY > times.expires
    except (Malformed, TypeError) as error:
        raise Broken("9.2/expires", f"it says {raw.get('expires')!r:.99}") from error
    if past or not 0 < lives <= 1:
        raise Broken("9.2/expires", f"issued {times.issued}, expires {times.expires}")


def _open(visit: Visit, text: str, held: HeldSnapshot | None = None) -> Snapshot:
    _check_times(visit, text)
    tried = member(visit).tried
    keys = {key.kid: key for key in tried.keys_for(Purpose.ACCESS)}
    try:
        return open_snapshot(text, node=tried.node, keys=keys.get, now=visit.now(), held=held)
    except (Rollback, Inconsistent) as error:
        raise Broken("9.2/newest", str(error)) from error
    except ProtocolError as error:
        raise Broken("9.2/snapshot", str(error)) from error


SNAPSHOTS = (snapshot, expires, newest, no_store)
