"""Writes that happen once however often they are sent: the header Idempotency-Key.

A caller draws a key for each thing that it wants done, and repeats the request with the same key
until there is an answer. The answer is kept in the transaction of the write, for a day. Of key and
request only digests are kept; that of the request holds the key too, so that nobody can guess from
it what was sent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import msgspec
from flask import Response, g, request
from marshmallow import Schema, fields, validate
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from directory.api.fields import PUBLIC, of
from directory.api.models import answered
from directory.api.surface import this_node
from federation import Refused, writing
from protocols.problems import Problem

KEPT_FOR = timedelta(days=1)


class IdempotencyHeader(Schema):
    """The header of a write."""

    key = fields.String(
        data_key="Idempotency-Key",
        required=True,
        validate=validate.Regexp("^[A-Za-z0-9_-]{16,64}$"),
        metadata=of(
            PUBLIC,
            "Drawn at random for each thing that is to be done, such as a UUID; the same when a "
            "request is repeated. Kept for a day.",
        ),
    )


@dataclass(frozen=True, slots=True)
class Done:
    """What a write answers: nothing of a child, because it is kept in the clear."""

    content: object
    location: str


class _AtThisMoment(Exception):
    """Another request with the same key was first to the database, and has not ended yet."""


def once(act: Callable[[Connection], Done]) -> Response:
    """The answer to the current write: done now, or as it was answered before."""
    for _ in range(2):
        try:
            with writing(this_node().node_db) as connection:
                return _answer(_kept(connection) or _do(connection, act))
        except _AtThisMoment:
            continue
    raise Refused(
        Problem.CONFLICT, "A request with this Idempotency-Key is under way. Repeat it in a second."
    )


def _kept(connection: Connection) -> Row[tuple[object, ...]] | None:
    """What was answered to this request before; refuses another request with its key."""
    row = connection.execute(
        select(answered).where(answered.c.who == g.who.id, answered.c.key_digest == _key())
    ).one_or_none()
    if row is not None and row.request_digest != _request():
        raise Refused(
            Problem.IDEMPOTENCY_KEY_REUSED,
            "This Idempotency-Key came with another request before. Nothing was done; draw a new "
            "key for each thing that is to be done.",
        )
    return row


def _do(connection: Connection, act: Callable[[Connection], Done]) -> Row[tuple[object, ...]]:
    now = this_node().now()
    connection.execute(delete(answered).where(answered.c.answered_at < now - KEPT_FOR))
    mine = {"who": g.who.id, "key_digest": _key()}
    blank = {"status": 0, "location": "", "body": b""}
    try:
        connection.execute(
            insert(answered).values(**mine, **blank, request_digest=_request(), answered_at=now)
        )
    except IntegrityError:
        raise _AtThisMoment from None
    done = act(connection)
    return connection.execute(
        update(answered)
        .where(answered.c.who == g.who.id, answered.c.key_digest == _key())
        .values(status=201, location=done.location, body=msgspec.json.encode(done.content))
        .returning(answered)
    ).one()


def _answer(row: Row[tuple[object, ...]]) -> Response:
    headers = {"Location": row.location, "Cache-Control": "no-store"}
    return Response(row.body, row.status, headers, content_type="application/json")


def _key() -> bytes:
    return sha256(request.headers["Idempotency-Key"].encode()).digest()


def _request() -> bytes:
    parts = (request.headers["Idempotency-Key"], request.method, request.path)
    whole = b"\n".join(part.encode() for part in parts) + b"\n" + request.get_data()
    return sha256(whole).digest()
