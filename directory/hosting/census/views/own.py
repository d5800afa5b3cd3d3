"""The page on which a home's staff answer a census, filled in from their own list."""

from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import all_authorities, authority_name
from directory.homes.labels import day
from directory.hosting.census.asking import answer, asked_of
from directory.hosting.census.errors import CensusError
from directory.hosting.census.schemas import ROWS, read_counts, typed_of
from directory.hosting.homes.residents import counted_there
from directory.notices.views.common import notice_id
from directory.providers.handins.pages import own_home
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading, writing
from protocols.census import CensusCount


def our_census_pages(node: Node) -> Blueprint:
    """The page of one home."""
    pages = Blueprint(
        "our_census",
        __name__,
        template_folder="../templates",
        url_prefix="/our-homes/<claim>/census",
    )
    pages.after_request(keep_out_of_caches)

    @pages.route("/<census>", methods=("GET", "POST"))
    def page(claim: str, census: str) -> ResponseReturnValue:
        return _page(node, claim, notice_id(census))

    return pages


def _page(node: Node, claim: str, census: str) -> ResponseReturnValue:
    home, name = own_home(node, claim)
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            with writing(node.node_db) as connection:
                answer(connection, node, g.who, home, census, read_counts(request.form))
            there = url_for("our_census.page", claim=claim, census=census, done="answered")
            return redirect(there, HTTPStatus.SEE_OTHER)
        except CensusError as error:
            problems = {"authority-1": str(error)}
    with reading(node.node_db) as connection:
        asked = [one for one in asked_of(connection, home) if one.census == census]
        if not asked:
            abort(HTTPStatus.NOT_FOUND)
        lives = counted_there(connection, node, home, asked[0].as_at)
    counts = [
        CensusCount(gss, lives[gss, True], lives[gss, False])
        for gss in sorted({gss for gss, _ in lives})
    ]
    page = render_template(
        "census/own.html",
        claim=claim,
        urn=home.urn,
        called=name or "This home",
        area=authority_name(home.authority),
        as_at=day(asked[0].as_at),
        answer_by=day(asked[0].answer_by),
        asked_by=asked[0].asked_by,
        answered=at(asked[0].answered_at) if asked[0].answered_at else "",
        typed=request.form if request.method == "POST" else typed_of(counts),
        rows=max(ROWS, len(counts) + 2),
        names=sorted(one.name for one in all_authorities()),
        problems=problems,
        done=request.args.get("done") == "answered",
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
