"""The page on which a provider's staff see who asked for the full document of their homes."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from directory.providers.documents.answering import asked_of_homes
from directory.providers.documents.presenters import asked_line
from directory.web.headers import keep_out_of_caches
from federation import Node, reading


def our_documents_page(node: Node) -> Blueprint:
    """The page of a provider's staff."""
    pages = Blueprint("our_documents", __name__, template_folder="../templates")
    pages.after_request(keep_out_of_caches)

    @pages.get("/our-homes/asked")
    def page() -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            asked = asked_of_homes(connection, node, g.who)
        return render_template("documents/our_homes.html", lines=[asked_line(one) for one in asked])

    return pages
