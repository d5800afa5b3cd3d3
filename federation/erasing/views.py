"""Between members: receipts of erasure, delivered to an author or shown to whoever asks."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, g, request

from federation.erasing.charter_receipts import shown_receipt
from federation.erasing.receipts import take_erasure_receipt
from federation.node import Node
from federation.peers import JOSE
from federation.serving import answer
from protocols.errors import ProtocolError


def serve_erasures(blueprint: Blueprint, node: Node) -> None:
    """Add the two routes to those between nodes. They are for members."""

    @blueprint.post("/erasures")
    def erasures() -> Response:
        if request.mimetype != JOSE:
            abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send a receipt of erasure as {JOSE}.")
        try:
            take_erasure_receipt(node, g.member, request.get_data().decode("ascii"))
        except (ProtocolError, UnicodeDecodeError) as error:
            abort(HTTPStatus.BAD_REQUEST, f"This receipt does not count: {error}")
        return answer(b"", "text/plain; charset=utf-8", "no-store")

    @blueprint.get("/charter/<int:version>/erased")
    def charter_erased(version: int) -> Response:
        receipt = shown_receipt(node, version)
        if receipt is None:
            abort(
                HTTPStatus.NOT_FOUND,
                "Nothing is confirmed: this version of the charter erases nothing, is not kept to "
                "here, or has not been obeyed to the end.",
            )
        return answer(receipt.encode(), JOSE, "no-store")
