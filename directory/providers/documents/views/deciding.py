"""The page on which an authority sees who asked for its homes' documents, and decides the rest."""

import re
from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.providers.documents.answering import MOST_A_DAY, asked_here, give, refuse
from directory.providers.documents.errors import DocumentError, NoSuchAsking
from directory.providers.documents.presenters import asked_line
from directory.providers.documents.schemas import WhyForm
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

_NUMBER = re.compile("[0-9a-f]{32}")
_DONE = {
    "given": "Given. It is on its way to whoever asked, and is destroyed there after 14 days.",
    "refused": "Refused, with your reason. Whoever asked is told.",
}


def deciding_pages(node: Node) -> Blueprint:
    """The page of the authority in whose area homes stand."""
    pages = Blueprint(
        "documents_asked",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/documents/asked",
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def asked(authority: str) -> ResponseReturnValue:
        return _asked(node, authority, {})

    @pages.post("/<number>/give")
    def give_one(authority: str, number: str) -> ResponseReturnValue:
        return _decided(node, authority, number, "given", None)

    @pages.post("/<number>/refuse")
    def refuse_one(authority: str, number: str) -> ResponseReturnValue:
        form = WhyForm()
        try:
            reason: str = form.load(request.form)
        except ValidationError as error:
            return _asked(node, authority, {f"reason-{number}": form.problems(error)["reason"]})
        return _decided(node, authority, number, "refused", reason)

    return pages


def _decided(
    node: Node, authority: str, number: str, what: str, reason: str | None
) -> ResponseReturnValue:
    if not _NUMBER.fullmatch(number):
        abort(HTTPStatus.NOT_FOUND)
    try:
        with writing(node.node_db) as connection:
            if reason is None:
                give(connection, node, g.who, authority, number)
            else:
                refuse(connection, node, g.who, authority, number, reason)
    except NoSuchAsking as error:
        return _asked(node, authority, {"main-content": str(error)})
    except DocumentError as error:
        return _asked(node, authority, {f"asked-{number}": str(error)})
    return redirect(
        url_for("documents_asked.asked", authority=authority, done=what), HTTPStatus.SEE_OTHER
    )


def _asked(node: Node, authority: str, problems: dict[str, str]) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        lines = [asked_line(one) for one in asked_here(connection, node, g.who, authority)]
    page = render_template(
        "documents/asked.html",
        authority=authority,
        called=authority_name(authority),
        waiting=[one for one in lines if one.is_waiting],
        decided=[one for one in lines if not one.is_waiting],
        most=MOST_A_DAY,
        typed=request.form.get("reason", ""),
        number=(request.view_args or {}).get("number"),
        problems=problems,
        done=_DONE.get(request.args.get("done", "")),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
