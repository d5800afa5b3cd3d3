"""The start page: what waits for who has signed in, and every page that is of use to them."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from directory.start.waiting import waiting
from directory.web.entries import Part
from directory.web.headers import keep_out_of_caches
from directory.web.navigation import address, entries
from federation import Node, reading


def start_page(node: Node) -> Blueprint:
    """The first page."""
    pages = Blueprint("start", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.get("/")
    def page() -> ResponseReturnValue:
        with reading(node.replica) as replica, reading(node.node_db) as connection:
            desks = waiting(connection, replica, node, g.who)
        theirs = entries(g.who, node.member.area)
        parts = {
            part: [
                {"text": one.text, "hint": one.hint, "href": address(g.who, one, node.member.area)}
                for one in theirs
                if one.part is part
            ]
            for part in Part
        }
        return render_template("start/start.html", desks=desks, parts=parts)

    return pages
