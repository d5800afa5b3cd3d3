"""The page on which a provider's staff hand in the full document of a home."""

from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from directory.country.authorities.service import authority_name
from directory.providers.documents.cleaning import LARGEST, TOO_LARGE
from directory.providers.documents.errors import Unfit
from directory.providers.documents.handing_in import hand_in_document
from directory.providers.handins.errors import HandInError
from directory.providers.handins.pages import own_home, standings
from directory.providers.statements.importing.clamav import refuse_infected
from directory.providers.statements.importing.refusals import Refused
from directory.web.headers import keep_out_of_caches
from federation import Node, reading


def our_document_pages(node: Node, clamav: Path | None) -> Blueprint:
    """The page of one home. With `clamav`, its daemon is asked about every file."""
    pages = Blueprint("our_document", __name__, template_folder="../templates")
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        request.max_content_length = LARGEST + 64 * 1024

    @pages.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        return _page(node, (request.view_args or {})["claim"], TOO_LARGE), 413

    @pages.route("/our-homes/<claim>/document", methods=("GET", "POST"))
    def page(claim: str) -> ResponseReturnValue:
        own_home(node, claim)
        if request.method == "GET":
            return _page(node, claim)
        sent = request.files.get("file")
        data = sent.stream.read(LARGEST + 1) if sent else b""
        try:
            if not data:
                raise Unfit("Choose a PDF or Word document (DOCX)")
            if clamav:
                refuse_infected(data, clamav)
            hand_in_document(node, g.who, claim, data)
        except (Unfit, Refused, HandInError) as error:
            return _page(node, claim, str(error)), HTTPStatus.BAD_REQUEST
        there = url_for("our_home.page", claim=claim, done="handed-in")
        return redirect(there, HTTPStatus.SEE_OTHER)

    return pages


def _page(node: Node, claim: str, problem: str = "") -> str:
    home, name = own_home(node, claim)
    with reading(node.node_db) as connection:
        stands = standings(connection, node, [home], ["document"])[claim, "document"]
    return render_template(
        "documents/hand_in.html",
        claim=claim,
        urn=home.urn,
        name=name,
        area=authority_name(home.authority),
        stands=stands.sentence,
        megabytes=LARGEST // 1024**2,
        problems={"file": problem} if problem else {},
    )
