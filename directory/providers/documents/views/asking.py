"""The pages on which a commissioner asks for a home's full document, and downloads it."""

import re
from http import HTTPStatus
from itertools import chain

from flask import (
    Blueprint,
    Response,
    abort,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.providers.documents.asking import ask, own_askings, read_document
from directory.providers.documents.errors import DocumentError, NoSuchAsking, NotHere, NotTheirs
from directory.providers.documents.presenters import asking_line
from directory.providers.documents.schemas import WhyForm
from directory.providers.vouching.errors import UnknownHome
from directory.providers.vouching.register import KnownHome, known_home
from directory.security.rights.errors import NotAllowed
from directory.security.vault.errors import Erased
from directory.web.error_pages import not_found
from directory.web.headers import SAVED, keep_out_of_caches
from federation import AttachmentGone, Node, reading, writing

_URN = re.compile("[A-Z0-9-]{1,20}")
_ID = re.compile("[0-9a-f]{32}")


def asking_pages(node: Node) -> Blueprint:
    """The pages of those who ask for one authority."""
    pages = Blueprint(
        "documents",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/documents",
    )
    pages.after_request(keep_out_of_caches)

    pages.register_error_handler(NoSuchAsking, not_found)
    pages.register_error_handler(NotHere, not_found)
    pages.register_error_handler(Erased, not_found)
    pages.register_error_handler(AttachmentGone, not_found)

    @pages.get("")
    def listing(authority: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            askings = own_askings(connection, node, g.who, authority)
        return render_template(
            "documents/listing.html",
            authority=authority,
            called=authority_name(authority),
            lines=[asking_line(one, g.who) for one in askings],
        )

    @pages.route("/homes/<urn>", methods=("GET", "POST"))
    def ask_one(authority: str, urn: str) -> ResponseReturnValue:
        home = _home(node, urn)
        if request.method == "GET":
            return _page(node, authority, home, {})
        form = WhyForm()
        try:
            reason: str = form.load(request.form)
            with writing(node.node_db) as connection:
                ask(
                    connection,
                    node,
                    g.who,
                    authority,
                    urn=home.urn,
                    area=home.authority,
                    reason=reason,
                )
        except ValidationError as error:
            return _page(node, authority, home, form.problems(error))
        except DocumentError as error:
            return _page(node, authority, home, {"reason": str(error)})
        there = url_for("documents.ask_one", authority=authority, urn=urn, done="asked")
        return redirect(there, HTTPStatus.SEE_OTHER)

    @pages.post("/askings/<asking>/file")
    def download(authority: str, asking: str) -> ResponseReturnValue:
        """A file to be saved: no browser shows it here, whatever it is."""
        if not _ID.fullmatch(asking):
            abort(HTTPStatus.NOT_FOUND)
        try:
            with writing(node.node_db) as connection:
                file, content = read_document(connection, node, g.who, authority, asking)
        except NotTheirs as error:
            raise NotAllowed(str(error)) from None
        answer = Response(chain([next(content)], content), mimetype=file.type)
        answer.content_length = file.size
        answer.headers.set("Content-Disposition", "attachment", filename=file.name)
        answer.headers["Content-Security-Policy"] = SAVED
        return answer

    return pages


def _home(node: Node, urn: str) -> KnownHome:
    """The home of an address; 404 where there is none, or where nobody knows whom to ask."""
    if not _URN.fullmatch(urn):
        abort(HTTPStatus.NOT_FOUND)
    try:
        with reading(node.replica) as replica:
            return known_home(replica, urn)
    except UnknownHome:
        abort(HTTPStatus.NOT_FOUND)


def _page(
    node: Node, authority: str, home: KnownHome, problems: dict[str, str]
) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        askings = own_askings(connection, node, g.who, authority, home.urn)
    lines = [asking_line(one, g.who) for one in askings]
    page = render_template(
        "documents/ask.html",
        authority=authority,
        home=home,
        area=authority_name(home.authority),
        lines=lines,
        waits=any(one.is_open or one.waits for one in lines),
        typed=request.form.get("reason", ""),
        problems=problems,
        done=request.args.get("done") == "asked",
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
