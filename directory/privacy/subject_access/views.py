"""The pages on which a governance officer answers a subject access request (UK GDPR Article 15)."""

from http import HTTPStatus

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.notices.labels import reference
from directory.privacy.restricting.closing import count_closed
from directory.privacy.retention.records import CaseRecord
from directory.privacy.subject_access.errors import NothingChosen
from directory.privacy.subject_access.exporting import as_zip, gather_all
from directory.privacy.subject_access.finding import find
from directory.privacy.subject_access.schemas import SoughtForm
from directory.security.rights.errors import ReasonWanted
from directory.web.headers import SAVED, keep_out_of_caches
from federation import Node, writing


def subject_access_pages(node: Node) -> Blueprint:
    """Looking for a child, choosing the records, and the export."""
    pages = Blueprint(
        "subject_access",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/subject-access",
    )
    pages.after_request(keep_out_of_caches)

    @pages.route("", methods=("GET", "POST"))
    def look(authority: str) -> ResponseReturnValue:
        return _found(node, authority) if request.method == "POST" else _form(authority, {})

    @pages.post("/export")
    def export(authority: str) -> ResponseReturnValue:
        return _export(node, authority)

    return pages


def _form(authority: str, problems: dict[str, str]) -> ResponseReturnValue:
    page = render_template(
        "subject_access/look.html",
        authority=authority,
        called=authority_name(authority),
        typed=SoughtForm().typed(request.form),
        problems=problems,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _found(node: Node, authority: str) -> ResponseReturnValue:
    form = SoughtForm()
    try:
        reason, sought = form.load(request.form)
    except ValidationError as error:
        return _form(authority, form.problems(error))
    with writing(node.node_db) as connection:
        found = find(connection, node, g.who, authority, sought, reason)
        closed = count_closed(connection, g.who, authority)
    return render_template(
        "subject_access/found.html",
        authority=authority,
        called=authority_name(authority),
        reason=reason,
        closed=closed,
        items=[
            {
                "value": one.record.record,
                "text": _described(one.record),
                "hint": {"text": f"Agrees: {', '.join(one.agrees)}"},
                "checked": len(one.agrees) == len(SoughtForm().fields) - 1,
            }
            for one in found
        ],
    )


def _export(node: Node, authority: str) -> ResponseReturnValue:
    chosen, reason = frozenset(request.form.getlist("record")), request.form.get("reason", "")
    try:
        with writing(node.node_db) as connection:
            gathered = gather_all(connection, node, g.who, authority, chosen, reason)
    except (NothingChosen, ReasonWanted) as error:
        return _form(authority, {"reason": str(error)})
    answer = Response(as_zip(node, gathered), mimetype="application/zip")
    name = f"subject-access-{node.now():%Y-%m-%d}.zip"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Content-Security-Policy"] = SAVED
    return answer


def _described(one: CaseRecord) -> str:
    kind = one.kind[0].upper() + one.kind[1:]
    other = f", {authority_name(one.other)}" if one.other else ""
    return f"{kind}{other}: {reference(one.id)}"
