"""The page of a placing authority: who asks for its notice of a child, and what it answers."""

from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.homes.labels import day
from directory.hosting.homes.answering import SAYS, answer_asked, asked_of_authority, read_asked
from directory.hosting.homes.errors import NoSuchAsking
from directory.hosting.homes.presenters import asked_line
from directory.notices.presenters import Item
from directory.notices.schemas import OTHER_REASON
from directory.notices.views.common import notice_id, read_reason
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

REASONS = (
    "To see whether the child is ours, and was told of",
    "To send the notice that is asked for",
)
_DONE = {
    "follows": "Answered: the notice follows. Send it now.",
    "unknown": "Answered: no such child is ours.",
}


def placements_asked_pages(node: Node) -> Blueprint:
    """The pages of the authority that is asked."""
    pages = Blueprint(
        "placements_asked",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/placements-asked",
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def listing(authority: str) -> ResponseReturnValue:
        return _listing(node, authority)

    @pages.route("/<number>", methods=("GET", "POST"))
    def one(authority: str, number: str) -> ResponseReturnValue:
        return _one(node, authority, notice_id(number))

    @pages.post("/<number>/<said>")
    def answer(authority: str, number: str, said: str) -> ResponseReturnValue:
        what = SAYS.get(said) or abort(HTTPStatus.NOT_FOUND)
        try:
            with writing(node.node_db) as connection:
                answer_asked(connection, node, g.who, authority, notice_id(number), what)
        except NoSuchAsking as error:
            return _listing(node, authority, str(error))
        there = url_for("placements_asked.listing", authority=authority, done=said)
        return redirect(there, HTTPStatus.SEE_OTHER)

    return pages


def _listing(node: Node, authority: str, problem: str = "") -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        lines = [asked_line(one) for one in asked_of_authority(connection, g.who, authority)]
    page = render_template(
        "hosting_homes/asked.html",
        authority=authority,
        called=authority_name(authority),
        waiting=[one for one in lines if not one.answer],
        answered=[one for one in lines if one.answer],
        problems={"main-content": problem} if problem else {},
        done=_DONE.get(request.args.get("done", "")),
    )
    return page, HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK


def _one(node: Node, authority: str, number: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        lines = [
            asked_line(one)
            for one in asked_of_authority(connection, g.who, authority)
            if one.number == number
        ]
    if not lines:
        abort(HTTPStatus.NOT_FOUND)
    problems: dict[str, str] = {}
    rows: list[Item] = []
    if request.method == "POST":
        reason, problems = read_reason(REASONS)
        if not problems:
            with writing(node.node_db) as connection:
                _, body = read_asked(connection, node, g.who, authority, number, reason)
            rows = [
                Item("Initials", body.initials),
                Item("Date of birth", day(body.born_on)),
                Item("Lives in", f"The home with the URN {body.urn}"),
                Item("Since", f"{day(body.admitted_on)}, as the home says"),
                Item("Asked by", body.asked_by),
            ]
    page = render_template(
        "hosting_homes/asked_one.html",
        authority=authority,
        line=lines[0],
        rows=rows,
        reasons=REASONS,
        other=OTHER_REASON,
        typed=request.form,
        problems=problems,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
