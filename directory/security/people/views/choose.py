"""For who works for several authorities: whose records to go to."""

from http import HTTPStatus

from flask import Blueprint, abort, g, render_template
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.security.rights.service import authorities_for
from directory.web.entries import ENTRIES


def choose_blueprint(served: frozenset[str]) -> Blueprint:
    """The page on which one of a node's authorities is chosen."""
    pages = Blueprint("choose", __name__, template_folder="../templates")

    @pages.get("/choose/<page>")
    def authority(page: str) -> ResponseReturnValue:
        entry = next((one for one in ENTRIES if one.endpoint == page), None)
        theirs = authorities_for(g.who, entry.action, served) if entry else ()
        if entry is None or not theirs:
            abort(HTTPStatus.NOT_FOUND)
        named = sorted((authority_name(gss), gss) for gss in theirs)
        return render_template("people/choose_authority.html", entry=entry, authorities=named)

    return pages
