"""The page on which a governance officer sees what is kept how long, and holds what must stay."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.country.rules.table import nation_of
from directory.privacy.retention.due import due
from directory.privacy.retention.errors import NoSuchHold
from directory.privacy.retention.holds import lift_hold, list_holds, set_hold
from directory.privacy.retention.schedule import in_words
from directory.privacy.retention.schemas import HoldForm, LiftForm
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at, counted
from federation import Node, reading, writing

ENDS = {
    "schedule": "By schedule, unless a hold keeps it",
    "itself": "By itself",
    "somebody": "By a person",
    "with": "With its record",
    "never": "Never",
}


def retention_pages(node: Node) -> Blueprint:
    """What is kept of one authority's, and its legal holds."""
    pages = Blueprint(
        "retention",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/retention",
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def overview(authority: str) -> ResponseReturnValue:
        return _page(node, authority, {})

    @pages.post("/holds")
    def hold(authority: str) -> ResponseReturnValue:
        form = HoldForm()
        try:
            said = form.load(request.form)
        except ValidationError as error:
            return _page(node, authority, form.problems(error))
        with writing(node.node_db) as connection:
            set_hold(
                *(connection, node, g.who),
                authority=authority,
                record=said.get("record"),
                reason=said["reason"],
            )
        return redirect(url_for("retention.overview", authority=authority), HTTPStatus.SEE_OTHER)

    @pages.post("/holds/<number>/lift")
    def lift(authority: str, number: str) -> ResponseReturnValue:
        form = LiftForm()
        try:
            reason = form.load(request.form)["reason"]
            with writing(node.node_db) as connection:
                lift_hold(
                    *(connection, node, g.who), authority=authority, hold=number, reason=reason
                )
        except ValidationError as error:
            problems = {f"lift-{number}": said for said in form.problems(error).values()}
            return _page(node, authority, problems)
        except NoSuchHold:
            abort(HTTPStatus.NOT_FOUND)
        return redirect(url_for("retention.overview", authority=authority), HTTPStatus.SEE_OTHER)

    return pages


def _page(node: Node, authority: str, problems: Mapping[str, str]) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        found = due(connection, node, g.who, authority)
        holds = list_holds(connection, node, g.who, authority)
    page = render_template(
        "retention/overview.html",
        authority=authority,
        called=authority_name(authority),
        due=found,
        counts={str(kind): count for kind, count in found.counts().items() if count},
        holds=holds,
        lines=in_words(nation_of(authority)),
        ends=ENDS,
        at=at,
        counted=counted,
        problems=problems,
        typed=HoldForm().typed(request.form),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
