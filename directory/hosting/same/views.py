"""The page on which it is settled which notices are of the same child. All of it is posted."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import get_args

from flask import Blueprint, abort, g, render_template, request
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.hosting.register import presenters
from directory.hosting.register.schemas import REASONS
from directory.hosting.same.errors import NoSuchPair
from directory.hosting.same.settling import Word, pairs, settle
from directory.notices.schemas import OTHER_REASON
from directory.notices.views.common import read_reason
from directory.web.headers import keep_out_of_caches
from federation import Node, writing

_ID = re.compile("[0-9a-f]{32}")
_DONE: Mapping[str, str] = {
    "same": "One of the two has left the register of who lives here.",
    "apart": "Both stay in the register.",
    "open": "It is undone, and waits again.",
}


def same_child_pages(node: Node) -> Blueprint:
    """The page of an area authority."""
    pages = Blueprint(
        "same_child",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/notices/same",
    )
    pages.after_request(keep_out_of_caches)

    @pages.route("", methods=("GET", "POST"))
    def page(authority: str) -> ResponseReturnValue:
        return _page(node, authority)

    return pages


def _page(node: Node, area: str) -> ResponseReturnValue:
    reason, problems = ("", {}) if request.method == "GET" else read_reason(REASONS)
    word = next((one for one in get_args(Word) if one == request.form.get("do")), None)
    number, found, done = request.form.get("pair", ""), [], ""
    if "do" in request.form and (word is None or not _ID.fullmatch(number)):
        abort(HTTPStatus.BAD_REQUEST)
    if reason:
        try:
            with writing(node.node_db) as connection:
                if word:
                    settle(connection, node, g.who, area, number, word)
                    done = _DONE[word]
        except NoSuchPair as error:
            problems = {"pair": str(error)}
        with writing(node.node_db) as connection:
            found = pairs(connection, node, g.who, area, reason)
    page = render_template(
        "same/page.html",
        authority=area,
        area=authority_name(area),
        asked=bool(reason),
        pairs=[(one, *presenters.lines([one.leaves, one.stays], {}, node.now())) for one in found],
        problems=problems,
        done=done,
        reasons=REASONS,
        other=OTHER_REASON,
        typed=request.form,
        why={"reason": OTHER_REASON, "reason_other": reason},
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
