"""What a witness serves to logs and monitors (C2SP tlog-witness). Each status is the document's."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, request

from federation.errors import NoSuchLog, NotWitnessing
from federation.node import Node
from federation.witness.serving import add_checkpoint, latest_cosigned
from protocols.errors import BadSignature, Inconsistent, Malformed, SizeConflict, UnknownKey

_NOTE = "text/plain; charset=utf-8"
_SIZE = "text/x.tlog.size"


def serve_witness(blueprint: Blueprint, node: Node) -> None:
    """Add the witness's two routes to those between nodes. They are open to anyone."""

    @blueprint.post("/add-checkpoint", endpoint="add_checkpoint")
    def _add_checkpoint() -> Response:
        try:
            return _answer(add_checkpoint(node, request.get_data()), _NOTE)
        except SizeConflict as error:
            return _answer(f"{error.size}\n".encode(), _SIZE, HTTPStatus.CONFLICT)
        except (NoSuchLog, NotWitnessing) as error:
            abort(HTTPStatus.NOT_FOUND, str(error))
        except (UnknownKey, BadSignature) as error:
            abort(HTTPStatus.FORBIDDEN, str(error))
        except Inconsistent as error:
            abort(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        except Malformed as error:
            abort(HTTPStatus.BAD_REQUEST, str(error))

    @blueprint.get("/<string(length=64):origin_hash>/checkpoint")
    def cosigned(origin_hash: str) -> Response:
        try:
            return _answer(latest_cosigned(node, origin_hash), _NOTE)
        except NoSuchLog as error:
            abort(HTTPStatus.NOT_FOUND, str(error))


def _answer(body: bytes, content_type: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(body, status, content_type=content_type, headers=headers)
