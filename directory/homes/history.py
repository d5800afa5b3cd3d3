"""What was ever said of a home, in every log that this node holds: versions, and what became of
each. A retired or replaced version stays readable here; an erased one has left nothing to find.

Read from the logs themselves, all of them each time: it is asked for seldom, and no table has to be
kept, or emptied, for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from federation import FollowedLog, LogRecord, find_records, followed_logs
from protocols.errors import ProtocolError
from protocols.profiles import Profile
from protocols.records import Home, decode_record


@dataclass(frozen=True, slots=True)
class Version:
    """A home, or its profile, as an entry of a log said it.

    `ended_by` is what took its place: publish, retire or erase, at `ended_at` by the author's
    clock; None while it is current.
    """

    record: Home | Profile
    log: FollowedLog
    entry: int
    published_at: datetime
    ended_by: str | None
    ended_at: datetime | None


def home_history(connection: Connection, urn: str) -> list[Version]:
    """Every version of a home that is held, the latest first. `urn` is one of Ofsted's form."""
    logs = followed_logs(connection)
    found = [
        version
        for schema in (b"home/1", b"profile/1")
        for one in find_records(connection, b'{"schema":"%s","urn":"%s",' % (schema, urn.encode()))
        if (version := _version(one, logs[one.log]))
    ]
    return sorted(found, key=lambda one: (one.published_at, one.log.node, one.entry), reverse=True)


def _version(one: LogRecord, log: FollowedLog) -> Version | None:
    try:
        record = decode_record(one.record)
    except ProtocolError:
        return None
    if not isinstance(record, Home | Profile):
        return None
    return Version(record, log, one.index, one.time, one.ended_by, one.ended_at)


def as_rows(versions: Sequence[Version]) -> list[dict[str, object]]:
    """The versions in JSON, for scripts."""
    return [
        {
            "node": one.log.node,
            "origin": one.log.origin,
            "entry": one.entry,
            "published_at": one.published_at,
            "ended_by": one.ended_by,
            "ended_at": one.ended_at,
            "record": one.record,
        }
        for one in versions
    ]
