"""The pages of saved searches: everybody sees their own."""

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy import Connection
from werkzeug.exceptions import BadRequest

from directory.choosing.searches.errors import NoSuchSearch, NotSaved
from directory.choosing.searches.schemas import SaveForm
from directory.choosing.searches.service import (
    Kept,
    forget,
    mark_looked,
    one_search,
    save,
    saved_searches,
)
from directory.homes.addresses import lasting, search_address
from directory.homes.choices import choices
from directory.homes.query import SearchQuery
from directory.homes.schemas import SearchForm
from directory.homes.search_page import active_filters
from directory.homes.service import homes_with
from directory.security.rights.principal import Principal
from directory.web.error_pages import not_found
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

_DONE = {
    "saved": "The search is saved. What changes from now on is told here and on the start page.",
    "seen": "Marked as seen. What changes from now on is told here again.",
    "deleted": "The search is deleted.",
}
_KINDS = (
    ("new", "New", "green", "Found for the first time since you last looked."),
    (
        "changed",
        "Changed",
        "yellow",
        "What is said of them is not what it was when you last looked.",
    ),
    ("closed", "Closed", "red", "No longer published. Ask the home before you rely on it."),
    ("left", "No longer fit", "grey", "Still there, and no longer found by this search."),
)


def searches_pages(node: Node) -> Blueprint:
    """The pages of the searches that somebody keeps."""
    pages = Blueprint("searches", __name__, template_folder="templates", url_prefix="/searches")
    pages.after_request(keep_out_of_caches)

    pages.register_error_handler(NoSuchSearch, not_found)

    @pages.route("", methods=("GET", "POST"))
    def every() -> ResponseReturnValue:
        if request.method == "POST":
            return _save(node)
        with reading(node.replica) as replica, reading(node.node_db) as connection:
            kept = saved_searches(connection, replica, node, g.who)
            lines = [(one, _filters(replica, one.query)) for one in kept]
        done = _DONE.get(request.args.get("done", ""))
        return render_template("searches/every.html", lines=lines, kinds=_KINDS, done=done)

    @pages.get("/<search>")
    def one(search: str) -> ResponseReturnValue:
        with reading(node.replica) as replica, reading(node.node_db) as connection:
            kept = one_search(connection, replica, node, g.who, search)
            return render_template("searches/one.html", **_told(replica, kept))

    @pages.post("/<search>/seen")
    def seen(search: str) -> ResponseReturnValue:
        return _change(node, search, mark_looked, "seen")

    @pages.get("/<search>/delete")
    def ask(search: str) -> ResponseReturnValue:
        with reading(node.replica) as replica, reading(node.node_db) as connection:
            kept = one_search(connection, replica, node, g.who, search)
        return render_template("searches/delete.html", kept=kept)

    @pages.post("/<search>/delete")
    def remove(search: str) -> ResponseReturnValue:
        return _change(node, search, forget, "deleted")

    return pages


def _save(node: Node) -> ResponseReturnValue:
    form = SaveForm()
    with reading(node.replica) as replica:
        try:
            query = SearchForm(choices(replica)).read(request.form)
        except ValidationError:
            raise BadRequest from None  # only a page of ours makes these fields
        try:
            said = form.load(request.form)
            with writing(node.node_db) as connection:
                save(connection, replica, node, g.who, said["called"], query)
        except ValidationError as error:
            problems = form.problems(error)
        except NotSaved as error:
            problems = {"called": str(error)}
        else:
            return _to_every("saved")
        page = render_template(
            "searches/save.html",
            typed=form.typed(request.form),
            problems=problems,
            filters=_filters(replica, query),
            saved=lasting(query),
            back=search_address(query),
        )
    return page, HTTPStatus.BAD_REQUEST


def _change(
    node: Node,
    search: str,
    change: Callable[[Connection, Connection, Node, Principal, str], None],
    done: str,
) -> ResponseReturnValue:
    with reading(node.replica) as replica, writing(node.node_db) as connection:
        change(connection, replica, node, g.who, search)
    return _to_every(done)


def _to_every(done: str) -> ResponseReturnValue:
    return redirect(url_for("searches.every", done=done), HTTPStatus.SEE_OTHER)


def _filters(replica: Connection, query: SearchQuery | None) -> str:
    if query is None:
        return "A filter of this search is not known any more"
    shown = active_filters(query, choices(replica), "homes.search_page")
    return "; ".join(f"{one.what}: {one.value}" for one in shown) or "Every home"


def _told(replica: Connection, kept: Kept) -> dict[str, object]:
    found = kept.news
    urns = [*found.new, *found.changed, *found.left] if found else []
    names = {
        urn: (claims[0].record.name, claims[0].authority_name)
        for urn, claims in homes_with(replica, urns).items()
    }
    return {
        "kept": kept,
        "filters": _filters(replica, kept.query),
        "names": names,
        "kinds": _KINDS,
        "address": search_address(kept.query) if kept.query else None,
    }
