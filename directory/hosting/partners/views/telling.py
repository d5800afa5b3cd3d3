"""What the desk does about partners who were not reached: tell them again, or by telephone."""

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.hosting.partners import presenters
from directory.hosting.partners.errors import NoSuchPartner
from directory.hosting.partners.telling import not_delivered, tell_again, told_by_telephone
from directory.notices.views.common import notice_id
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

_DONE = {
    "again": "They are told again within minutes.",
    "telephone": "Noted that they were told by telephone.",
    "before": "Nothing was changed: they were told meanwhile, or are told nothing more.",
}


def telling_pages(node: Node) -> Blueprint:
    """The pages for the desk of an area authority."""
    pages = Blueprint(
        "partners_told",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/partners-told",
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("/not-reached")
    def not_reached(authority: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            found = not_delivered(connection, g.who, authority)
        return render_template(
            "partners/not_reached.html",
            authority=authority,
            called=authority_name(authority),
            told=presenters.told_lines(found),
            done=_DONE.get(request.args.get("done", "")),
        )

    @pages.post("/<notice>/<told>/again")
    def again(authority: str, notice: str, told: str) -> ResponseReturnValue:
        return _settle(node, authority, notice, told, tell_again, "again")

    @pages.post("/<notice>/<told>/by-telephone")
    def by_telephone(authority: str, notice: str, told: str) -> ResponseReturnValue:
        return _settle(node, authority, notice, told, told_by_telephone, "telephone")

    return pages


def _settle(
    node: Node, authority: str, notice: str, told: str, settle: Callable[..., None], done: str
) -> ResponseReturnValue:
    try:
        with writing(node.node_db) as connection:
            settle(connection, node, g.who, authority, notice_id(notice), notice_id(told))
    except NoSuchPartner:
        done = "before"
    there = url_for("partners_told.not_reached", authority=authority, done=done)
    return redirect(there, HTTPStatus.SEE_OTHER)
