"""Logs over HTTP: our own, and our copy of each other one that we hold (C2SP tlog-tiles).

GET  <log>/checkpoint, <log>/tile/…, <log>/tile/entries/…   anyone
GET  <log>/payloads/…                                       members

where <log> is /log, or /mirror/<node>/log. A copy is shown as far as the latest checkpoint of its
author goes that was verified here, and no further: nobody is shown what we have not verified.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, select

from federation import tables
from federation.database import reading
from federation.node import Node
from federation.store import HeldLog
from protocols.checkpoint import parse_checkpoint
from protocols.errors import Malformed
from protocols.tiles import MAX_LEVEL, TILE_WIDTH, Tile, parse_index_path

OCTETS = "application/octet-stream"
FOREVER = "public, max-age=31536000, immutable"
_PREFIXES = {"": "/log", "mirror_": "/mirror/<author>/log"}


def answer(body: bytes, content_type: str, caching: str) -> Response:
    """An answer to another node. `caching` is its Cache-Control."""
    return Response(body, content_type=content_type, headers={"Cache-Control": caching})


def serve_logs(blueprint: Blueprint, node: Node) -> None:
    """Static resources that change only where a log grows, and payloads, for whom the table of
    routes lets in.
    """

    def checkpoint(author: str | None = None) -> Response:
        with _shown(node, author) as (_, note):
            return answer(note, "text/plain; charset=utf-8", "public, max-age=1")

    def tile(level: int, path: str, author: str | None = None) -> Response:
        index, width = parse_index_path(path)
        if level > MAX_LEVEL or str(level) != request.path.split("/")[-2 - path.count("/")]:
            abort(HTTPStatus.NOT_FOUND, "No such tile.")
        wanted = Tile(level, index, width)
        with _covering(node, author, wanted) as log:
            return answer(log.tile(wanted), OCTETS, FOREVER)

    def entries(path: str, author: str | None = None) -> Response:
        wanted = Tile(0, *parse_index_path(path))
        with _covering(node, author, wanted) as log:
            return answer(log.entries(wanted), OCTETS, FOREVER)

    def payloads(path: str, author: str | None = None) -> Response:
        wanted = Tile(0, *parse_index_path(path))
        with _covering(node, author, wanted) as log:
            return answer(log.payloads(wanted), OCTETS, "no-store")

    for whose, prefix in _PREFIXES.items():
        for name, path, view in (
            ("checkpoint", "checkpoint", checkpoint),
            ("tile", "tile/<int:level>/<path:path>", tile),
            ("entries", "tile/entries/<path:path>", entries),
            ("payloads", "payloads/<path:path>", payloads),
        ):
            blueprint.add_url_rule(f"{prefix}/{path}", f"{whose}{name}", view)


@contextmanager
def _shown(node: Node, author: str | None) -> Iterator[tuple[HeldLog, bytes]]:
    """Our own log, or our copy of an author's, and its latest signed note; answers 404 itself."""
    own = author is None
    with reading(node.node_db if own else node.replica) as connection:
        row = _latest(connection, author)
        if row is None:
            abort(HTTPStatus.NOT_FOUND, "No checkpoint of this log is here yet.")
        yield HeldLog(connection, row[0], own=own), row[1]


def _latest(connection: Connection, author: str | None) -> tuple[int, bytes] | None:
    log = tables.own_log if author is None else tables.log
    wanted = select(log.c.id, log.c.checkpoint).where(log.c.checkpoint.is_not(None))
    if author is not None:
        wanted = wanted.where(log.c.node == author)
    row = connection.execute(wanted).one_or_none()
    return (row.id, row.checkpoint) if row else None


@contextmanager
def _covering(node: Node, author: str | None, tile: Tile) -> Iterator[HeldLog]:
    """A log, once it is sure that the checkpoint that is shown covers a tile."""
    with _shown(node, author) as (log, note):
        size = parse_checkpoint(note.rpartition(b"\n\n")[0].decode() + "\n").size
        if (size >> (8 * tile.level)) < tile.index * TILE_WIDTH + tile.width:
            raise Malformed("This log is not that long.")
        yield log
