"""The page to which a return is brought. What was found stands in the answer, and nowhere else."""

from http import HTTPStatus
from io import BytesIO
from pathlib import Path

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from directory.country.authorities.service import authority_name
from directory.country.ssda903.errors import ReturnError
from directory.placing.reconciling import presenters
from directory.placing.reconciling.schemas import CHOICES, ReturnForm, year_of
from directory.placing.reconciling.service import Reconciled, reconcile
from directory.web.headers import keep_out_of_caches
from federation import Node

LARGEST = 20_000_000
"""Bytes of a table: some 250,000 episodes."""
_MOST_SENT = 2 * LARGEST + 64 * 1024
_TOO_LARGE = f"The file is larger than {LARGEST // 1_000_000} MB. Use hearth reconcile ssda903"


def reconciling_pages(node: Node, validator: Path | None) -> Blueprint:
    """The page. `validator` is the folder of the sector's validator, where there is one."""
    pages = Blueprint(
        "reconciling",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/reconcile",
    )
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        request.max_content_length = _MOST_SENT

    @pages.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        authority = str((request.view_args or {}).get("authority", ""))
        return _ask(authority, {}, {"episodes": _TOO_LARGE}), HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    @pages.route("", methods=("GET", "POST"))
    def page(authority: str) -> ResponseReturnValue:
        if request.method == "GET":
            return _ask(authority, {}, {})
        form = ReturnForm()
        typed = form.typed(request.form)
        problems = {}
        said: dict[str, str] = {}
        try:
            said = form.load(request.form)
        except ValidationError as error:
            problems = form.problems(error)
        episodes, header = _sent("episodes"), _sent("header")
        for name, data in (("episodes", episodes), ("header", header)):
            if len(data) > LARGEST:
                problems[name] = _TOO_LARGE
        if not episodes:
            problems["episodes"] = "Choose the table Episodes of the return, as CSV"
        if not problems:
            try:
                found = reconcile(
                    node,
                    g.who,
                    authority,
                    BytesIO(episodes),
                    BytesIO(header) if header else None,
                    year=year_of(said["year"]),
                    validator=validator,
                    reason=said["reason"],
                )
            except ReturnError as error:
                problems["header" if "Header" in str(error) else "episodes"] = str(error)
            else:
                return _found(authority, found)
        return _ask(authority, typed, problems), HTTPStatus.BAD_REQUEST

    return pages


def _sent(name: str) -> bytes:
    file = request.files.get(name)
    return file.stream.read(LARGEST + 1) if file else b""


def _ask(authority: str, typed: dict[str, str], problems: dict[str, str]) -> str:
    return render_template(
        "reconciling/ask.html",
        authority=authority,
        called=authority_name(authority),
        typed=typed,
        problems=problems,
        years=CHOICES,
    )


def _found(authority: str, found: Reconciled) -> str:
    return render_template(
        "reconciling/found.html",
        authority=authority,
        called=authority_name(authority),
        found=found,
        parts=presenters.parts(found),
        rows=presenters.rows,
        name=authority_name,
        most=presenters.MOST_SHOWN,
    )
