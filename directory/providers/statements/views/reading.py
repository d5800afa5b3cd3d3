"""The pages on which members read a home's statement of purpose, and what changed in it."""

import re

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from directory.country.reference.working_days import london_day
from directory.providers.statements.presenters import shown, version_cards
from directory.providers.statements.published import all_versions, current_statements
from directory.providers.statements.schedule import SOURCE
from directory.web.headers import keep_out_of_caches
from federation import Node, reading

_URN = re.compile("[A-Z0-9-]{1,20}")


def statement_pages(node: Node) -> Blueprint:
    """The pages of every member's statements."""
    pages = Blueprint("statement", __name__, template_folder="../templates")
    pages.after_request(keep_out_of_caches)

    @pages.get("/homes/<urn>/statement")
    def page(urn: str) -> ResponseReturnValue:
        if not _URN.fullmatch(urn):
            abort(404)
        with reading(node.replica) as connection:
            claims = current_statements(connection, urn)
        if not claims:
            abort(404)
        today = london_day(node.now())
        return render_template(
            "statements/page.html",
            urn=urn,
            claims=[shown(one, today) for one in claims],
            source=SOURCE,
        )

    @pages.get("/homes/<urn>/statement/versions")
    def versions(urn: str) -> ResponseReturnValue:
        if not _URN.fullmatch(urn):
            abort(404)
        with reading(node.replica) as connection:
            every = all_versions(connection, urn)
        if not every:
            abort(404)
        return render_template("statements/versions.html", urn=urn, cards=version_cards(every))

    return pages
