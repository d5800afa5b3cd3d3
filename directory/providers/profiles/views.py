"""The page on which what a home offers is written down."""

from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.country.codes.service import code_list
from directory.country.reference.working_days import london_day
from directory.intake.screening.errors import NotFitToPublish
from directory.providers.profiles import schemas
from directory.providers.profiles.errors import NoSuchHome
from directory.providers.profiles.service import Written, written_of
from directory.records.publishing.service import PROFILE_SOURCE
from directory.records.release.errors import ReleaseError
from directory.records.release.service import hand_in
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing
from protocols.kinds import Source

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
    pages.url_value_preprocessor(take_more)

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


def take_more(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Let a form of a profile be as long as it can be."""
    request.max_content_length = MOST_SENT


def _save(node: Node, written: Written) -> ResponseReturnValue:
    form = schemas.form()
    try:
        source = Source(PROFILE_SOURCE, london_day(node.now()))
        home = written.home
        profile = schemas.read(request.form, home.urn, home.authority, source)
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
        urn=home.urn,
        name=home.name,
        called=authority_name(home.authority),
        back={"text": "Back to the home", "href": url_for("homes.home_page", urn=home.urn)},
        undescribed=written.said is None,
        stands=_stands(written),
        typed=typed,
        problems=problems,
        done=_DONE.get(request.args.get("done", "")),
        codes=code_list(),
        givers={one.code: one.label for one in code_list().givers},
        names=schemas,
    )


def _stands(written: Written) -> str:
    """How it stands with what waits for release, or was returned."""
    held = written.held
    if held is None:
        return ""
    if held.returned_at:
        return f"This was returned by {held.returned_by}: {held.reason}"
    return (
        f"What stands here was handed in by {held.handed_in_name} and waits for release. Saving "
        "again takes its place."
    )
