"""The page of a match: the form, and below it, in the answer to it, every home that fits."""

from http import HTTPStatus

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from directory.choosing.matching import presenters, schemas
from directory.choosing.matching.service import ORDER, match
from directory.country.codes.service import code_list
from directory.exports import csv_lines
from directory.web.headers import keep_out_of_caches
from federation import Node, reading

MOST_IN_A_FILE = 1_000


def matching_pages(node: Node) -> Blueprint:
    """The page on which every home is held against what one child needs."""
    pages = Blueprint("matching", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.route("/match", methods=("GET", "POST"))
    def form() -> ResponseReturnValue:
        if request.method == "GET":
            return _page(schemas.typed_in({}), {})
        return _match(node)

    return pages


def _match(node: Node) -> ResponseReturnValue:
    typed = schemas.typed_in(request.form)
    if (relaxed := request.form.get("relax", "")) in typed:
        typed[relaxed] = "high"
    criteria, problems = schemas.read(typed)
    if problems:
        return _page(typed, problems), HTTPStatus.BAD_REQUEST
    today = node.now().date()
    as_file = request.form.get("as") == "csv"
    number = request.form.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    with reading(node.replica) as connection:
        found = (
            match(connection, criteria, page)
            if not as_file
            else match(connection, criteria, 1, MOST_IN_A_FILE)
        )
    if as_file:
        rows = presenters.rows(criteria, found, today)
        lines = "".join(csv_lines(presenters.headings(criteria), rows))
        given = Response(lines.encode("utf-8-sig"), mimetype="text/csv")
        given.headers["Content-Disposition"] = 'attachment; filename="match.csv"'
        return given
    return _page(
        typed,
        {},
        found=found,
        cards=[presenters.card(criteria, one, today) for one in found.homes],
        exclusions=[
            presenters.exclusion(one, schemas.field_of(one.criterion, typed))
            for one in found.exclusions
        ],
    )


def _page(typed: dict[str, str], problems: dict[str, str], **shown: object) -> str:
    return render_template(
        "matching/match.html",
        typed=typed,
        problems=problems,
        codes=code_list(),
        names=schemas,
        order=ORDER,
        **shown,
    )
