"""The page on which somebody else reads what was written, and releases or returns it."""

from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.errors import DirectoryError
from directory.intake.screening.errors import NotFitToPublish
from directory.records.release.errors import ReleaseError
from directory.records.release.held import held_records
from directory.records.release.presenters import cards
from directory.records.release.service import release, return_record
from directory.security.rights.errors import ReasonWanted
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

_DONE = {
    "released": "Released. It is in this node’s log within seconds, and then with all members.",
    "returned": "Returned to who handed it in.",
}


def release_pages(node: Node) -> Blueprint:
    """The page of what waits for release, of one authority."""
    pages = Blueprint(
        "releases",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/releases",
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def waiting(authority: str) -> ResponseReturnValue:
        return _page(node, authority, done=_DONE.get(request.args.get("done", "")))

    @pages.post("/<number>/release")
    def release_one(authority: str, number: str) -> ResponseReturnValue:
        try:
            with writing(node.node_db) as connection:
                release(connection, node, g.who, authority, number)
        except (ReleaseError, NotFitToPublish) as error:
            return _page(node, authority, number, error), HTTPStatus.CONFLICT
        return _back(authority, "released")

    @pages.post("/<number>/return")
    def return_one(authority: str, number: str) -> ResponseReturnValue:
        reason = request.form.get("reason", "")
        try:
            with writing(node.node_db) as connection:
                return_record(connection, node, g.who, authority, number, reason)
        except ReasonWanted as error:
            return _page(node, authority, number, error), HTTPStatus.BAD_REQUEST
        except ReleaseError as error:
            return _page(node, authority, number, error), HTTPStatus.CONFLICT
        return _back(authority, "returned")

    return pages


def _page(
    node: Node,
    authority: str,
    number: str = "",
    error: DirectoryError | None = None,
    done: str | None = None,
) -> str:
    with reading(node.node_db) as connection:
        held = held_records(connection, node, g.who, authority)
    shown = cards(held, g.who)
    there = f"reason-{number}" if isinstance(error, ReasonWanted) else f"record-{number}"
    known = any(one.id == number for one in shown)
    return render_template(
        "release/waiting.html",
        authority=authority,
        called=authority_name(authority),
        cards=shown,
        problems={there if known else "main-content": str(error)} if error else {},
        typed={number: request.form.get("reason", "")},
        done=done,
    )


def _back(authority: str, done: str) -> ResponseReturnValue:
    there = url_for("releases.waiting", authority=authority, done=done)
    return redirect(there, HTTPStatus.SEE_OTHER)
