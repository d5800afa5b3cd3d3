"""The page on which what a home offers is written down."""

from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.authorities.service import authority_name
from directory.codes.service import code_list
from directory.profiles import schemas
from directory.profiles.errors import NoSuchHome
from directory.profiles.service import Written, written_of
from directory.reference.working_days import london_day
from directory.release.errors import ReleaseError
from directory.release.service import hand_in
from directory.screening.errors import NotFitToPublish
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

MOST_SENT = 1024 * 1024
"""Bytes of the form: eleven texts of the greatest length, in letters that take nine bytes."""
_DONE = {
    "published": "Saved. It is in this node’s log within seconds, and then with all members.",
    "waiting": "Saved. Its words are new, so it waits until somebody else has released it.",
}


def profile_pages(node: Node) -> Blueprint:
    """The page of a home's profile, for those who may hand it in."""
    pages = Blueprint("profiles", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(_endpoint: str | None, _values: dict[str, object] | None) -> None:
        request.max_content_length = MOST_SENT

    @pages.route("/authorities/<authority>/homes/<urn>/profile", methods=("GET", "POST"))
    def form(authority: str, urn: str) -> ResponseReturnValue:
        try:
            with reading(node.node_db) as connection:
                written = written_of(connection, node, g.who, authority, urn)
        except NoSuchHome:
            abort(HTTPStatus.NOT_FOUND)
        if request.method == "GET":
            return _page(written, schemas.written(written.latest), {})
        return _save(node, written)

    return pages


def _save(node: Node, written: Written) -> ResponseReturnValue:
    form = schemas.form()
    try:
        profile = schemas.read(request.form, written.home, london_day(node.now()))
        with writing(node.node_db) as connection:
            done = hand_in(connection, node, g.who, [profile])
    except ValidationError as error:
        problems = form.problems(error)
    except (ReleaseError, NotFitToPublish) as error:
        problems = {"main-content": str(error)}
    else:
        there = url_for(
            "profiles.form",
            authority=written.home.authority,
            urn=written.home.urn,
            done="waiting" if done.waiting else "published",
        )
        return redirect(there, HTTPStatus.SEE_OTHER)
    return _page(written, form.typed(request.form), problems), HTTPStatus.BAD_REQUEST


def _page(written: Written, typed: dict[str, str], problems: dict[str, str]) -> str:
    home = written.home
    return render_template(
        "profiles/form.html",
        home=home,
        called=authority_name(home.authority),
        written=written,
        typed=typed,
        problems=problems,
        done=_DONE.get(request.args.get("done", "")),
        codes=code_list(),
        givers={one.code: one.label for one in code_list().givers},
        names=schemas,
    )
