"""The pages on which a commissioner weighs homes for one placement, and keeps the decision."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy import Connection

from directory.choosing.changes.presenters import lines
from directory.choosing.changes.schemas import read_ids
from directory.choosing.shortlists.errors import Decided, NoSuchShortlist, NotWeighed
from directory.choosing.shortlists.schemas import (
    LONGEST,
    NO_HOME,
    BeginForm,
    DecisionForm,
    OptionForm,
)
from directory.choosing.shortlists.service import (
    add_home,
    begin,
    decide,
    look,
    reopen,
    shortlists,
    take_off,
)
from directory.choosing.shortlists.values import MOST_HOMES
from directory.choosing.shortlists.watching import changes_on, mark_seen
from directory.country.authorities.service import authority_name
from directory.errors import DirectoryError
from directory.homes.labels import day
from directory.security.rights.errors import ReasonWanted
from directory.security.rights.service import LONGEST_REASON
from directory.security.vault.errors import Erased
from directory.web.error_pages import not_found
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at, counted
from federation import Node, reading, writing

_DONE = {
    "added": "The home is on the shortlist.",
    "off": "The home was taken off.",
    "decided": "The decision is kept, with what is known of each home today.",
    "opened": "The shortlist is open again.",
    "seen": "Marked as seen. What changes from now on is told here again.",
}
_CHANGED: tuple[type[DirectoryError], ...] = (NotWeighed, Decided)


def shortlist_pages(node: Node) -> Blueprint:
    """The pages of an authority's shortlists."""
    pages = Blueprint(
        "shortlists",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/shortlists",
    )
    pages.after_request(keep_out_of_caches)

    pages.register_error_handler(NoSuchShortlist, not_found)
    pages.register_error_handler(Erased, not_found)

    @pages.route("", methods=("GET", "POST"))
    def every(authority: str) -> ResponseReturnValue:
        return _every(node, authority)

    @pages.get("/<shortlist>")
    def one(authority: str, shortlist: str) -> ResponseReturnValue:
        return _one(node, authority, shortlist, {})

    @pages.post("/<shortlist>/homes")
    def add(authority: str, shortlist: str) -> ResponseReturnValue:
        def change(connection: Connection, said: dict[str, Any]) -> None:
            add_home(connection, node, g.who, authority, shortlist, said["urn"], said["why"])

        return _change(node, authority, shortlist, OptionForm(), change, "added", "urn")

    @pages.post("/<shortlist>/homes/<urn>/take-off")
    def remove(authority: str, shortlist: str, urn: str) -> ResponseReturnValue:
        try:
            with writing(node.node_db) as connection:
                take_off(connection, node, g.who, authority, shortlist, urn)
        except Decided as error:
            return _one(node, authority, shortlist, {"main-content": str(error)})
        return _back(authority, shortlist, "off")

    @pages.post("/<shortlist>/decision")
    def keep(authority: str, shortlist: str) -> ResponseReturnValue:
        def change(connection: Connection, said: dict[str, Any]) -> None:
            decide(
                connection,
                node,
                g.who,
                authority,
                shortlist,
                None if said["chosen"] == NO_HOME else said["chosen"],
                said["because"],
                said.get("child_said", ""),
                tuple(request.form.getlist("offered")[:MOST_HOMES]),
            )

        return _change(node, authority, shortlist, DecisionForm(), change, "decided", "chosen")

    @pages.post("/<shortlist>/changes-seen")
    def changes_seen(authority: str, shortlist: str) -> ResponseReturnValue:
        newest = max(read_ids(request.form, "newest"), default=0)
        with writing(node.node_db) as connection:
            mark_seen(connection, node, g.who, authority, shortlist, newest)
        return _back(authority, shortlist, "seen")

    @pages.post("/<shortlist>/open-again")
    def open_again(authority: str, shortlist: str) -> ResponseReturnValue:
        return _open_again(node, authority, shortlist)

    return pages


def _open_again(node: Node, authority: str, shortlist: str) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    try:
        with writing(node.node_db) as connection:
            reopen(connection, node, g.who, authority, shortlist, reason)
    except ReasonWanted as error:
        return _one(node, authority, shortlist, {"reason": str(error)})
    return _back(authority, shortlist, "opened")


def _every(node: Node, authority: str) -> ResponseReturnValue:
    problems: dict[str, str] = {}
    if request.method == "POST":
        form = BeginForm()
        try:
            said = form.load(request.form)
            with writing(node.node_db) as connection:
                number = begin(connection, node, g.who, authority, said["called"])
            home = request.form.get("home") or None
            return redirect(
                url_for("shortlists.one", authority=authority, shortlist=number, home=home),
                HTTPStatus.SEE_OTHER,
            )
        except ValidationError as error:
            problems = form.problems(error)
    with reading(node.node_db) as connection:
        found = shortlists(connection, node, g.who, authority)
        changed = changes_on(connection, node, found)
    page = render_template(
        "shortlists/every.html",
        authority=authority,
        called=authority_name(authority),
        shortlists=found,
        changed=changed,
        home=request.values.get("home", ""),
        typed=BeginForm().typed(request.form),
        problems=problems,
        at=at,
        counted=counted,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _change(
    node: Node,
    authority: str,
    shortlist: str,
    form: OptionForm | DecisionForm,
    change: Callable[[Connection, dict[str, Any]], None],
    done: str,
    field: str,
) -> ResponseReturnValue:
    """Do what a form asks; or show it again, with what was typed and what to change."""
    try:
        said = form.load(request.form)
        with writing(node.node_db) as connection:
            change(connection, said)
    except ValidationError as error:
        return _one(node, authority, shortlist, form.problems(error), type(form).__name__)
    except _CHANGED as error:
        return _one(node, authority, shortlist, {field: str(error)}, type(form).__name__)
    return _back(authority, shortlist, done)


def _one(
    node: Node,
    authority: str,
    shortlist: str,
    problems: Mapping[str, str],
    form: str = "",
) -> ResponseReturnValue:
    with writing(node.node_db) as connection:
        kept, comparison = look(connection, node, g.who, authority, shortlist)
        changed = changes_on(connection, node, [kept]).get(kept.id, [])
    option, decision = OptionForm(), DecisionForm()
    adding = {"typed": option.typed(request.form), "problems": problems}
    deciding = {"typed": decision.typed(request.form), "problems": problems}
    nothing: dict[str, Any] = {"typed": {}, "problems": {}}
    if form != "OptionForm":
        adding = nothing | {"typed": {"urn": request.args.get("home", "")}}
    titles = dict(zip((one.urn for one in kept.weighed.options), comparison.titles, strict=True))
    chosen = kept.weighed.decision.chosen if kept.weighed.decision else None
    page = render_template(
        "shortlists/one.html",
        chosen=titles.get(chosen or ""),
        authority=authority,
        called=authority_name(authority),
        kept=kept,
        comparison=comparison,
        changes=lines(changed),
        newest=max((one.id for one in changed), default=0),
        homes=list(zip(kept.weighed.options, comparison.titles, comparison.unknown, strict=True)),
        adding=adding,
        deciding=deciding if form == "DecisionForm" else nothing,
        offered=request.form.getlist("offered"),
        problems=problems,
        none=NO_HOME,
        longest=LONGEST,
        longest_reason=LONGEST_REASON,
        typed_reason=request.form.get("reason", ""),
        done=_DONE.get(request.args.get("done", "")),
        at=at,
        day=day,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _back(authority: str, shortlist: str, done: str) -> ResponseReturnValue:
    there = url_for("shortlists.one", authority=authority, shortlist=shortlist, done=done)
    return redirect(there, HTTPStatus.SEE_OTHER)
