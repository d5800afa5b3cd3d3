"""The page of a children's guide, for whoever has a link: no account, no script, nothing kept."""

import re
from http import HTTPStatus

from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.providers.guides.errors import LinkOver
from directory.providers.guides.links import open_link
from directory.providers.guides.pictures import open_picture
from directory.providers.guides.presenters import shown
from directory.web.headers import keep_out_of_caches
from federation import Node, reading

_TOKEN = re.compile("[A-Za-z0-9_-]{43}")


def childs_guide_pages(node: Node) -> Blueprint:
    """The page that a child reads."""
    pages = Blueprint(
        "childs_guide", __name__, template_folder="../templates", url_prefix="/guides/<token>"
    )
    pages.after_request(_keep_to_themselves)

    @pages.errorhandler(LinkOver)
    def _over(_error: LinkOver) -> ResponseReturnValue:
        return render_template("guides/over.html"), HTTPStatus.NOT_FOUND

    @pages.get("")
    def page(token: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            guide = shown(connection, node, open_link(connection, node, _known(token)))
        there = url_for("childs_guide.page", token=token)
        return render_template("guides/child.html", guide=guide, pictures=f"{there}/pictures")

    @pages.get("/pictures/<picture>")
    def picture(token: str, picture: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            desk = open_link(connection, node, _known(token))
            data = open_picture(connection, node, desk, picture)
        return Response(data, mimetype="image/jpeg") if data else abort(HTTPStatus.NOT_FOUND)

    return pages


def _known(token: str) -> str:
    if not _TOKEN.fullmatch(token):
        raise LinkOver("This is no link")
    return token


def _keep_to_themselves(response: Response) -> Response:
    """In no cache, and in no search engine."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return keep_out_of_caches(response)
