"""The page on which an authority's governance officer reads the audit. Reading is in it, too."""

from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.exports import csv_lines
from directory.security.audit.presenters import HEADINGS, NEXT, cells, why
from directory.security.audit.reading import Noted, read_audit
from directory.security.audit.schemas import AuditFilter, AuditForm
from directory.security.audit.verifying import Verdict, verify_audit
from directory.web.forms import PARTS
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading, writing

PAGE_SIZE = 50


def audit_pages(node: Node) -> Blueprint:
    """The pages of the audit of one authority's records."""
    pages = Blueprint(
        "audit", __name__, template_folder="templates", url_prefix="/authorities/<authority>"
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("/audit")
    def rows(authority: str) -> ResponseReturnValue:
        return _page(node, authority)

    @pages.post("/audit")
    def check(authority: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            verdict = verify_audit(connection, node, g.who, authority)
        return _page(node, authority, verdict)

    @pages.get("/audit.csv")
    def export(authority: str) -> ResponseReturnValue:
        return _export(node, authority)

    return pages


def _page(node: Node, authority: str, verdict: Verdict | None = None) -> ResponseReturnValue:
    form = AuditForm()
    typed = form.typed(request.args)
    kept = {name: value for name, value in typed.items() if value}
    frame = {
        "authority": authority,
        "called": authority_name(authority),
        "typed": typed,
        "first_parts": {name: f"{name}-{PARTS[0]}" for name in ("first", "last")},
        "verdict": verdict,
        "next_step": NEXT,
        "query": urlencode(kept),
    }
    try:
        wanted = form.load(request.args)
    except ValidationError as error:
        page = render_template("audit/audit.html", **frame, problems=form.problems(error))
        return page, HTTPStatus.BAD_REQUEST
    before = _before()
    shown = _read(node, authority, wanted, before=before, limit=PAGE_SIZE)
    here = url_for("audit.rows", authority=authority)
    more = urlencode({**kept, "before": shown[-1].seq}) if len(shown) == PAGE_SIZE else None
    return render_template(
        "audit/audit.html",
        **frame,
        problems={},
        rows=shown,
        at=at,
        why=why,
        narrowed=wanted != AuditFilter(),
        older=f"{here}?{more}" if more else None,
        newest=f"{here}?{urlencode(kept)}" if before else None,
    )


def _export(node: Node, authority: str) -> ResponseReturnValue:
    try:
        wanted = AuditForm().load(request.args)
    except ValidationError:
        abort(HTTPStatus.BAD_REQUEST)
    text = "".join(csv_lines(HEADINGS, map(cells, _read(node, authority, wanted))))
    answer = Response(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    name = f"audit-{authority}-{node.now():%Y-%m-%d}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _read(
    node: Node,
    authority: str,
    wanted: AuditFilter,
    *,
    before: int | None = None,
    limit: int | None = None,
) -> list[Noted]:
    with writing(node.node_db) as connection:
        return read_audit(
            connection,
            node,
            g.who,
            authority=authority,
            since=wanted.since,
            until=wanted.until,
            by=wanted.by,
            done=wanted.done,
            record=wanted.record,
            before=before,
            limit=limit,
        )


def _before() -> int | None:
    """The row before which a page begins, from the address; the newest where that says nothing."""
    text = request.args.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
