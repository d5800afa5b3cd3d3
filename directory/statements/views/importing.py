"""The page on which a statement of purpose is filled in from a file."""

from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from directory.rights.service import require
from directory.rights.table import Action
from directory.statements.importing.clamav import refuse_infected
from directory.statements.importing.filling_in import fill_in
from directory.statements.importing.reading import read_lines
from directory.statements.importing.refusals import LARGEST, WORDS, Refusal, Refused
from directory.statements.importing.sections import Found, find_sections
from directory.statements.schedule import PARAGRAPHS
from directory.statements.views.common import frame, home_of
from directory.web.headers import keep_out_of_caches
from federation import Node, writing

MOST_SENT = LARGEST + 64 * 1024
_NONE = "Choose a PDF or Word document (DOCX)"
_NOTHING_FOUND = (
    "No heading in the file is one of the Schedule’s, so nothing was filled in. Write the sections "
    "here, or give the document headings and choose it again"
)


def importing_pages(node: Node, clamav: Path | None) -> Blueprint:
    """The page, of one authority's homes. With `clamav`, its daemon is asked about every file."""
    pages = Blueprint(
        "statement_file",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/statements",
    )
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        request.max_content_length = MOST_SENT

    @pages.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        named = request.view_args or {}
        return _page(node, named["authority"], named["urn"], WORDS[Refusal.TOO_LARGE]), 413

    @pages.route("/<urn>/file", methods=("GET", "POST"))
    def choose(authority: str, urn: str) -> ResponseReturnValue:
        home_of(node, authority, urn)
        if request.method == "GET":
            return _page(node, authority, urn)
        require(g.who, Action.WRITE_STATEMENTS, authority)
        try:
            found = _read(clamav)
        except Refused as error:
            return _page(node, authority, urn, str(error)), HTTPStatus.BAD_REQUEST
        if found is None:
            return _page(node, authority, urn, _NONE), HTTPStatus.BAD_REQUEST
        if not found.sections:
            return _page(node, authority, urn, _NOTHING_FOUND), HTTPStatus.BAD_REQUEST
        with writing(node.node_db) as connection:
            fill_in(connection, node, g.who, authority, urn, found)
        there = url_for("statements.overview", authority=authority, urn=urn, done="filled")
        return redirect(there, HTTPStatus.SEE_OTHER)

    return pages


def _read(clamav: Path | None) -> Found | None:
    """What stands in the file that was sent; None where there is none. Raises Refused."""
    sent = request.files.get("file")
    data = sent.stream.read(LARGEST + 1) if sent else b""
    if not data:
        return None
    if len(data) > LARGEST:
        raise Refused(Refusal.TOO_LARGE)
    if clamav:
        refuse_infected(data, clamav)
    return find_sections(read_lines(data))


def _page(node: Node, authority: str, urn: str, problem: str = "") -> str:
    home = home_of(node, authority, urn)
    return render_template(
        "statements/file.html",
        **frame(authority, home.name, urn),
        problems={"file": problem} if problem else {},
        megabytes=LARGEST // 1_000_000,
        sections=len(PARAGRAPHS),
    )
