"""The page of homes of which no notice has come for a year."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.hosting.silent.service import silent_homes
from directory.hosting.silent.words import in_words
from directory.security.rights.service import may
from directory.security.rights.table import Action
from directory.web.headers import keep_out_of_caches
from federation import Node, reading


def silent_pages(node: Node) -> Blueprint:
    """The page."""
    pages = Blueprint(
        "silent",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/homes-without-notice",
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def page(authority: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection, reading(node.replica) as replica:
            homes = silent_homes(connection, replica, node, g.who, authority)
        return render_template(
            "silent/homes.html",
            authority=authority,
            called=authority_name(authority),
            homes=[(one, in_words(one.said)) for one in homes],
            may_count=may(g.who, Action.HOLD_CENSUS, authority),
        )

    return pages
