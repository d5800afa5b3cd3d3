"""Where members deliver the chunks of attachments, before the message that names them."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, g, request
from werkzeug.exceptions import TooManyRequests

from federation.chunks.incoming import take_chunk
from federation.errors import TooManyChunks
from federation.node import Node
from federation.serving import OCTETS, answer
from protocols.errors import DigestMismatch

RETRY_AFTER_S = 300


def serve_chunks(blueprint: Blueprint, node: Node) -> None:
    """Add the route to those between nodes."""

    @blueprint.put("/chunks/<string(length=43):digest>")
    def chunk(digest: str) -> Response:
        if request.mimetype != OCTETS:
            abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send a chunk as {OCTETS}.")
        if request.content_length is None:
            abort(HTTPStatus.LENGTH_REQUIRED, "Say how long the chunk is, in Content-Length.")
        try:
            take_chunk(node, g.member, digest, request.get_data())
        except DigestMismatch as error:
            abort(HTTPStatus.BAD_REQUEST, str(error))
        except TooManyChunks as error:
            raise TooManyRequests(str(error), retry_after=RETRY_AFTER_S) from error
        return answer(b"", OCTETS, "no-store")
