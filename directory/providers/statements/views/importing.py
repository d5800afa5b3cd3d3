"""The page on which a statement of purpose is filled in from a file."""

from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from directory.providers.statements.desks import require_at
from directory.providers.statements.importing.clamav import refuse_infected
from directory.providers.statements.importing.filling_in import fill_in
from directory.providers.statements.importing.reading import read_lines
from directory.providers.statements.importing.refusals import LARGEST, WORDS, Refusal, Refused
from directory.providers.statements.importing.sections import Found, find_sections
from directory.providers.statements.schedule import PARAGRAPHS
from directory.providers.statements.views.common import Place, PlaceOf, officers_place, staff_place
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

MOST_SENT = LARGEST + 64 * 1024
_NONE = "Choose a PDF or Word document (DOCX)"
_NOTHING_FOUND = (
    "No heading in the file is one of the Schedule’s, so nothing was filled in. Write the sections "
    "here, or give the document headings and choose it again"
)


def importing_pages(node: Node, clamav: Path | None) -> Blueprint:
    """The page, for officers. With `clamav`, its daemon is asked about every file."""
    pages = Blueprint(
        "statement_file",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/statements/<urn>",
    )
    return _add(pages, node, clamav, officers_place(node))


def our_importing_pages(node: Node, clamav: Path | None) -> Blueprint:
    """The same for a provider's staff."""
    pages = Blueprint(
        "our_statement_file",
        __name__,
        template_folder="../templates",
        url_prefix="/our-homes/<claim>/statement",
    )
    return _add(pages, node, clamav, staff_place(node))


def _add(pages: Blueprint, node: Node, clamav: Path | None, place_of: PlaceOf) -> Blueprint:
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        request.max_content_length = MOST_SENT

    @pages.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        return _page(place_of(**request.view_args or {}), WORDS[Refusal.TOO_LARGE]), 413

    @pages.route("/file", methods=("GET", "POST"))
    def choose(**named: str) -> ResponseReturnValue:
        place = place_of(**named)
        if request.method == "GET":
            return _page(place)
        with reading(node.node_db) as connection:
            require_at(connection, node, g.who, place.desk)
        try:
            found = _read(clamav)
        except Refused as error:
            return _page(place, str(error)), HTTPStatus.BAD_REQUEST
        if found is None:
            return _page(place, _NONE), HTTPStatus.BAD_REQUEST
        if not found.sections:
            return _page(place, _NOTHING_FOUND), HTTPStatus.BAD_REQUEST
        with writing(node.node_db) as connection:
            fill_in(connection, node, g.who, place.desk, found)
        return redirect(place.to("overview", done="filled"), HTTPStatus.SEE_OTHER)

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


def _page(place: Place, problem: str = "") -> str:
    return render_template(
        "statements/file.html",
        **place.frame(),
        problems={"file": problem} if problem else {},
        megabytes=LARGEST // 1_000_000,
        sections=len(PARAGRAPHS),
    )
