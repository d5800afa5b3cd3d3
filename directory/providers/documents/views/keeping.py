"""The page on which an authority keeps the full document of a home."""

from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from directory.providers.documents.answering import asked_here
from directory.providers.documents.cleaning import LARGEST, TOO_LARGE
from directory.providers.documents.errors import Unfit
from directory.providers.documents.keeping import held, keep_document, remove_document
from directory.providers.documents.presenters import asked_line
from directory.providers.statements.importing.clamav import refuse_infected
from directory.providers.statements.importing.refusals import Refused
from directory.providers.statements.views.common import home_of
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading, writing

_DONE = {
    "kept": "Kept, sealed. What the file said of who wrote it and with what is taken out.",
    "removed": "The document is destroyed here.",
}


def keeping_pages(node: Node, clamav: Path | None) -> Blueprint:
    """The page, of one authority's homes. With `clamav`, its daemon is asked about every file."""
    pages = Blueprint(
        "documents_kept",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/statements/<urn>/document",
    )
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint == "documents_kept.keep":
            request.max_content_length = LARGEST + 64 * 1024

    @pages.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        named = request.view_args or {}
        return _kept(node, named["authority"], named["urn"], TOO_LARGE), 413

    @pages.route("", methods=("GET", "POST"))
    def keep(authority: str, urn: str) -> ResponseReturnValue:
        home_of(node, authority, urn)
        if request.method == "GET":
            return _kept(node, authority, urn)
        require(g.who, Action.KEEP_DOCUMENTS, authority)
        sent = request.files.get("file")
        data = sent.stream.read(LARGEST + 1) if sent else b""
        try:
            if not data:
                raise Unfit("Choose a PDF or Word document (DOCX)")
            if clamav:
                refuse_infected(data, clamav)
            keep_document(node, g.who, authority, urn, data)
        except (Unfit, Refused) as error:
            return _kept(node, authority, urn, str(error)), HTTPStatus.BAD_REQUEST
        return _to(authority, urn, "kept")

    @pages.post("/remove")
    def remove(authority: str, urn: str) -> ResponseReturnValue:
        home_of(node, authority, urn)
        with writing(node.node_db) as connection:
            remove_document(connection, node, g.who, authority, urn)
        return _to(authority, urn, "removed")

    return pages


def _kept(node: Node, authority: str, urn: str, problem: str = "") -> str:
    home = home_of(node, authority, urn)
    with reading(node.node_db) as connection:
        one = held(connection, authority, urn)
        lines = [asked_line(said) for said in asked_here(connection, node, g.who, authority, urn)]
    return render_template(
        "documents/keep.html",
        authority=authority,
        urn=urn,
        home=f"{home.name}, URN {urn}" if home.name else f"URN {urn}",
        held=one,
        kept_at=at(one.kept_at) if one else "",
        lines=lines,
        megabytes=LARGEST // 1024**2,
        problems={"file": problem} if problem else {},
        done=_DONE.get(request.args.get("done", "")),
    )


def _to(authority: str, urn: str, done: str) -> ResponseReturnValue:
    there = url_for("documents_kept.keep", authority=authority, urn=urn, done=done)
    return redirect(there, HTTPStatus.SEE_OTHER)
