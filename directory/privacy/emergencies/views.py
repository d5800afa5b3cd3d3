"""The pages of emergencies: opening what one may not, and the reviewers' worklist."""

import re
from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.notices.labels import reference
from directory.privacy.emergencies.errors import NotToReview
from directory.privacy.emergencies.opening import Known, open_in_emergency
from directory.privacy.emergencies.reviewing import FINDINGS, close_review, looks
from directory.security.rights.errors import ReasonWanted
from directory.security.rights.service import authorities_for
from directory.security.rights.table import Action
from directory.web.forms import one_line
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading, writing

_REFERENCE = re.compile(r"[0-9a-f]{8}")


def emergency_pages(node: Node) -> Blueprint:
    """The pages."""
    pages = Blueprint("emergencies", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.route("/emergencies/open", methods=("GET", "POST"))
    def open_one() -> ResponseReturnValue:
        return _open(node)

    @pages.get("/authorities/<authority>/emergencies")
    def reviews(authority: str) -> ResponseReturnValue:
        return _reviews(node, authority, {})

    @pages.post("/authorities/<authority>/emergencies/<look>")
    def close(authority: str, look: str) -> ResponseReturnValue:
        finding, said = request.form.get("finding", ""), request.form.get("said", "")
        try:
            with writing(node.node_db) as connection:
                close_review(connection, node, g.who, authority, look, finding, said)
        except (ReasonWanted, NotToReview) as error:
            return _reviews(node, authority, {f"said-{look}": str(error)})
        there = url_for("emergencies.reviews", authority=authority, done="closed")
        return redirect(there, HTTPStatus.SEE_OTHER)

    return pages


def _open(node: Node) -> ResponseReturnValue:
    served = {
        gss: authority_name(gss)
        for gss in sorted(
            authorities_for(g.who, Action.BREAK_GLASS, node.member.area), key=authority_name
        )
    }
    typed = {
        name: one_line(request.form.get(name, ""))
        for name in ("authority", "reference", "family_name", "given_name", "emergency")
    }
    if request.method == "GET":  # from a record that is closed: which it is need not be typed
        asked = {name: one_line(request.args.get(name, "")) for name in ("authority", "reference")}
        if len(served) == 1:
            asked["authority"] = next(iter(served))
        return _ask(served, typed | asked, {}, HTTPStatus.OK)
    said = re.sub(r"\s", "", typed["reference"]).lower()
    problems: dict[str, str] = {}
    if typed["authority"] not in served:
        problems["authority"] = "Choose the authority whose record it is"
    if said and not _REFERENCE.fullmatch(said):
        problems["reference"] = "A reference has eight letters and digits, like 3F0A 99C1"
    if not said and not typed["family_name"]:
        problems["family_name"] = "Enter the family name, or the reference"
    if problems:
        return _ask(served, typed, problems, HTTPStatus.BAD_REQUEST)
    known = Known(said, typed["family_name"], typed["given_name"])
    try:
        with writing(node.node_db) as connection:
            found = open_in_emergency(
                connection, node, g.who, typed["authority"], known, typed["emergency"]
            )
    except ReasonWanted as error:
        return _ask(served, typed, {"emergency": str(error)}, HTTPStatus.BAD_REQUEST)
    if found is None:
        more = {"given_name": "More records fit than are opened at once. Enter the given name, too"}
        return _ask(served, typed, more, HTTPStatus.BAD_REQUEST)
    if not found:
        nothing = {"family_name": "Nothing is held there under this name or reference"}
        return _ask(served, typed, nothing, HTTPStatus.NOT_FOUND)
    return render_template(
        "emergencies/opened.html",
        called=served[typed["authority"]],
        found=[
            (
                one.record.partition("/")[0].capitalize(),
                reference(one.record.partition("/")[2]),
                authority_name(one.other) if one.other else None,
                one.said,
            )
            for one in found
        ],
    )


def _ask(
    served: dict[str, str], typed: dict[str, str], problems: dict[str, str], status: HTTPStatus
) -> ResponseReturnValue:
    page = render_template(
        "emergencies/open.html", served=served, frame={"typed": typed, "problems": problems}
    )
    return page, status


def _reviews(node: Node, authority: str, problems: dict[str, str]) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        found = looks(connection, node, g.who, authority)
    today = london_day(node.now())
    page = render_template(
        "emergencies/reviews.html",
        authority=authority,
        called=authority_name(authority),
        waiting=[
            (one, _what(one.record), at(one.at), day(one.review_by), one.review_by < today)
            for one in found
            if one.reviewed_at is None
        ],
        closed=[
            (one, _what(one.record), at(one.at), FINDINGS[one.finding or ""], at(one.reviewed_at))
            for one in found
            if one.reviewed_at
        ],
        findings=FINDINGS,
        me=g.who.id,
        problems=problems,
        typed=request.form,
        done="The review is closed." if request.args.get("done") == "closed" else None,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _what(record: str) -> str:
    kind, _, number = record.partition("/")
    return f"{kind.capitalize()} {reference(number)}"
