"""What nodes tell each other of forks, and show each other so that one is found."""

from http import HTTPStatus

import msgspec
from flask import Blueprint, Response, abort, g, request
from sqlalchemy import select

from federation import tables
from federation.database import reading
from federation.errors import NoSuchLog
from federation.forks.keeping import keep_fork
from federation.node import Node
from protocols.errors import ProtocolError

JSON = "application/json"


def serve_forks(blueprint: Blueprint, node: Node) -> None:
    """Add the two routes to those between nodes."""

    @blueprint.post("/forks")
    def forks() -> Response:
        try:
            keep_fork(node, request.get_data(), told_by=g.member.node)
        except (ProtocolError, NoSuchLog) as error:
            abort(HTTPStatus.BAD_REQUEST, str(error))
        return _answer(b"", "no-store")

    @blueprint.get("/checkpoints")
    def checkpoints() -> Response:
        with reading(node.replica) as connection:
            held = tables.log.c.checkpoint
            notes = connection.scalars(select(held).where(held.is_not(None))).all()
        return _answer(msgspec.json.encode([note.decode() for note in notes]), "public, max-age=1")


def _answer(body: bytes, caching: str) -> Response:
    return Response(body, content_type=JSON, headers={"Cache-Control": caching})
