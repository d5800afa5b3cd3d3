"""The pages of notices that went astray: what is done, by when, and who opened them. No child."""

from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.notices.breaches.schemas import ClosingForm, DecisionForm
from directory.notices.breaches.service import (
    Breach,
    breaches,
    close,
    decide,
    one_breach,
    who_looked,
)
from directory.notices.errors import BreachOpen, NoSuchBreach
from directory.notices.fields import LONGEST_TEXT
from directory.notices.following.labels import WITHDRAWN_FOR
from directory.notices.labels import reference
from directory.notices.views.common import notice_id
from directory.security.rights.service import may
from directory.security.rights.table import Action
from directory.web.error_pages import not_found
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading, writing


def breach_pages(node: Node) -> Blueprint:
    """The pages of one authority's breaches, kept out of every cache."""
    pages = Blueprint(
        "breaches",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/breaches",
    )
    pages.after_request(keep_out_of_caches)

    pages.register_error_handler(NoSuchBreach, not_found)

    @pages.get("")
    def listing(authority: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            every = breaches(connection, node, g.who, authority)
        return render_template(
            "breaches/listing.html",
            authority=authority,
            name=authority_name(authority),
            every=[(one, _frame(node, one)) for one in every],
        )

    @pages.get("/<breach>")
    def one(authority: str, breach: str) -> ResponseReturnValue:
        return _one(node, authority, notice_id(breach), {})

    @pages.post("/<breach>/decide")
    def decide_one(authority: str, breach: str) -> ResponseReturnValue:
        form = DecisionForm()
        try:
            said = form.load(request.form)
            with writing(node.node_db) as connection:
                decide(connection, node, g.who, authority, notice_id(breach), **said)
        except ValidationError as error:
            return _one(node, authority, breach, form.problems(error))
        return _back(authority, breach)

    @pages.post("/<breach>/close")
    def close_one(authority: str, breach: str) -> ResponseReturnValue:
        form = ClosingForm()
        try:
            said = form.load(request.form)
            with writing(node.node_db) as connection:
                close(connection, node, g.who, authority, notice_id(breach), said["found"])
        except ValidationError as error:
            return _one(node, authority, breach, form.problems(error))
        except BreachOpen as error:
            return _one(node, authority, breach, {"found": str(error)})
        return _back(authority, breach)

    return pages


def _one(node: Node, authority: str, breach: str, problems: dict[str, str]) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        known = one_breach(connection, node, g.who, authority, breach)
        looks = who_looked(connection, g.who, known)
    page = render_template(
        "breaches/one.html",
        authority=authority,
        name=authority_name(authority),
        breach=known,
        **_frame(node, known),
        looks=[(at(one.at), one.who) for one in looks],
        settles=may(g.who, Action.SETTLE_BREACHES, authority),
        problems=problems,
        typed=request.form,
        longest=LONGEST_TEXT,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _frame(node: Node, one: Breach) -> dict[str, object]:
    """What a page says of a breach, in words."""
    late = not one.is_decided and node.now() > one.report_by
    if one.closed_at:
        tag, colour = "Closed", "grey"
    elif late:
        tag, colour = "Overdue", "red"
    else:
        tag, colour = "Open", "yellow"
    return {
        "reference": reference(one.notice),
        "other": authority_name(one.other_authority),
        "why": WITHDRAWN_FOR.get(one.why, one.why),
        "opened": at(one.opened_at),
        "report_by": at(one.report_by),
        "contained": f"{at(one.contained_at)}, {one.contained_by}" if one.contained_at else None,
        "reported": at(one.reported_at) if one.reported_at else None,
        "closed": f"{at(one.closed_at)}, {one.closed_by}" if one.closed_at else None,
        "tag": tag,
        "colour": colour,
    }


def _back(authority: str, breach: str) -> ResponseReturnValue:
    there = url_for("breaches.one", authority=authority, breach=breach)
    return redirect(there, HTTPStatus.SEE_OTHER)
