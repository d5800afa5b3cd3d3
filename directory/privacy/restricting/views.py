"""The pages of restricted records: which there are, who is named, what stands in their place."""

from http import HTTPStatus

from flask import Blueprint, Flask, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.notices.labels import reference
from directory.privacy.restricting.closing import require_open
from directory.privacy.restricting.errors import NobodyNamed, NoSuchRecord, NotTheirs, Restricted
from directory.privacy.restricting.service import (
    RECORD,
    lift,
    restrict,
    restrictions,
    who_could_open,
)
from directory.security.rights.errors import ReasonWanted
from directory.security.rights.service import may
from directory.security.rights.table import Action
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading, writing

_DONE = {
    "kept": "The record is restricted to those who are named.",
    "lifted": "The record is restricted no longer.",
}


def restricting_pages(node: Node) -> Blueprint:
    """The pages of an authority's restricted records."""
    pages = Blueprint(
        "restricting",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/restricted",
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def every(authority: str) -> ResponseReturnValue:
        return _every(node, authority)

    @pages.route("/<of>/<number>", methods=("GET", "POST"))
    def one(authority: str, of: str, number: str) -> ResponseReturnValue:
        record = f"{of}/{number}"
        if not RECORD.fullmatch(record):
            abort(HTTPStatus.NOT_FOUND)
        return _one(node, authority, record)

    return pages


def answer_restricted(app: Flask) -> None:
    """In the place of a record that is closed to who asks: that it is, and whom to ask."""

    @app.errorhandler(Restricted)
    def _closed(error: Restricted) -> ResponseReturnValue:
        page = render_template(
            "restricting/closed.html",
            ask=error.ask,
            authority=error.authority,
            reference=reference(error.record.partition("/")[2]),
            emergency=may(g.who, Action.BREAK_GLASS),
        )
        return page, HTTPStatus.FORBIDDEN


def _every(node: Node, authority: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        found = restrictions(connection, node, g.who, authority)
    return render_template(
        "restricting/every.html",
        authority=authority,
        called=authority_name(authority),
        restrictions=[
            (one, *one.record.split("/"), reference(one.record.partition("/")[2]), at(one.set_at))
            for one in found
        ],
        me=g.who.id,
        done=_DONE.get(request.args.get("done", "")),
    )


def _one(node: Node, authority: str, record: str) -> ResponseReturnValue:
    problems: dict[str, str] = {}
    with reading(node.node_db) as connection:
        standing = {
            one.record: one for one in restrictions(connection, node, g.who, authority)
        }.get(record)
        if not may(g.who, Action.REVIEW_EMERGENCIES, authority):
            require_open(connection, g.who, authority, record)
        people = who_could_open(connection, authority)
    if request.method == "POST":
        reason = request.form.get("reason", "")
        named = request.form.getlist("named")
        lifts = request.form.get("do") == "lift"
        try:
            with writing(node.node_db) as connection:
                if lifts:
                    lift(connection, node, g.who, authority, record, reason)
                else:
                    restrict(connection, node, g.who, authority, record, named, reason)
        except NoSuchRecord:
            abort(HTTPStatus.NOT_FOUND)
        except ReasonWanted as error:
            problems = {"reason": str(error)}
        except (NobodyNamed, NotTheirs) as error:
            problems = {"named": str(error)}
        else:
            done = "lifted" if lifts else "kept"
            there = url_for("restricting.every", authority=authority, done=done)
            return redirect(there, HTTPStatus.SEE_OTHER)
    kind, _, number = record.partition("/")
    page = render_template(
        "restricting/one.html",
        authority=authority,
        kind=kind,
        number=number,
        me=g.who.id,
        reference=reference(number),
        standing=standing,
        people=people,
        chosen=request.form.getlist("named")
        if request.method == "POST"
        else list(standing.named)
        if standing
        else [],
        typed=request.form,
        problems=problems,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
