"""The page of a census for whoever has a home's link: numbers by authority, and no names."""

import re
from http import HTTPStatus

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import all_authorities, authority_name
from directory.homes.labels import day
from directory.hosting.census.answers import answer_by_link, asked_by_link
from directory.hosting.census.errors import CensusOver, NotUnderstood
from directory.hosting.census.schemas import ROWS, read_counts
from directory.web.forms import one_line
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

_TOKEN = re.compile("[A-Za-z0-9_-]{43}")
_LONGEST_NAME = 100


def census_link_page(node: Node) -> Blueprint:
    """The page that a link opens."""
    pages = Blueprint(
        "census_link", __name__, template_folder="../templates", url_prefix="/census/<token>"
    )
    pages.after_request(_keep_to_themselves)

    @pages.errorhandler(CensusOver)
    def _over(_error: CensusOver) -> ResponseReturnValue:
        return render_template("census/over.html"), HTTPStatus.NOT_FOUND

    @pages.route("", methods=("GET", "POST"))
    def page(token: str) -> ResponseReturnValue:
        return _page(node, token)

    return pages


def _page(node: Node, token: str) -> ResponseReturnValue:
    if not _TOKEN.fullmatch(token):
        raise CensusOver("This is no link")
    problems: dict[str, str] = {}
    done = False
    if request.method == "POST":
        by = one_line(request.form.get("by", ""))[:_LONGEST_NAME]
        try:
            counts = read_counts(request.form)
            if by:
                with writing(node.node_db) as connection:
                    answer_by_link(connection, node, token, counts, by)
                done = True
            else:
                problems = {"by": "Enter your name"}
        except NotUnderstood as error:
            problems = {"authority-1": str(error)}
    with reading(node.node_db) as connection:
        asked = asked_by_link(connection, node, token)
    page = render_template(
        "census/link.html",
        area=authority_name(str(asked.area)),
        urn=asked.urn,
        as_at=day(asked.as_at),
        answered=asked.answered_at is not None,
        typed=request.form,
        rows=ROWS,
        names=sorted(one.name for one in all_authorities()),
        problems=problems,
        done=done,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _keep_to_themselves(response: Response) -> Response:
    """In no cache, and in no search engine."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return keep_out_of_caches(response)
