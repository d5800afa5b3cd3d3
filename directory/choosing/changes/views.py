"""The page of what lists have changed about homes, on which an authority marks what it has seen."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.choosing.changes.presenters import AREAS, HEADINGS, KINDS, cells, lines
from directory.choosing.changes.schemas import read_filter, read_ids, write_filter
from directory.choosing.changes.service import (
    changes,
    count_changes,
    mark_all_seen,
    mark_seen,
    newest_change,
    put_back,
)
from directory.choosing.changes.values import ChangeFilter
from directory.country.authorities.service import authority_name
from directory.exports import csv_lines
from directory.web.headers import keep_out_of_caches
from directory.web.paging import page_links, paged
from directory.web.wording import counted
from federation import Node, reading, writing

PAGE_SIZE = 25


def changes_pages(node: Node) -> Blueprint:
    """The pages of the changes of homes, for one authority."""
    pages = Blueprint(
        "changes", __name__, template_folder="templates", url_prefix="/authorities/<authority>"
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("/changes")
    def inbox(authority: str) -> ResponseReturnValue:
        return _page(node, authority, read_filter(request.args))

    @pages.post("/changes")
    def mark(authority: str) -> ResponseReturnValue:
        wanted = read_filter(request.args)
        newest = read_ids(request.form, "newest")
        with writing(node.node_db) as connection:
            if newest:
                count = mark_all_seen(connection, node, g.who, authority, wanted, newest[0])
            else:
                ids = read_ids(request.form, "change")
                count = mark_seen(connection, node, g.who, authority, ids)
        return _back(authority, wanted, str(count))

    @pages.post("/changes/put-back")
    def return_one(authority: str) -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            for change in read_ids(request.form, "change"):
                put_back(connection, g.who, authority, change)
        return _back(authority, read_filter(request.args), "back")

    @pages.get("/changes.csv")
    def export(authority: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            found = changes(connection, node, g.who, authority, read_filter(request.args))
        rows = (row for one in found for row in cells(one))
        text = "".join(csv_lines(HEADINGS, rows))
        answer = Response(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
        name = f"changes-{authority}-{node.now():%Y-%m-%d}.csv"
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        return answer

    return pages


def _page(node: Node, authority: str, wanted: ChangeFilter) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        counts = count_changes(connection, node, g.who, authority, wanted)
        total = counts[wanted.kind] if wanted.kind else sum(counts.values())
        page = paged(range(total), request.args.get("page"), PAGE_SIZE)
        found = changes(
            connection,
            node,
            g.who,
            authority,
            wanted,
            skip=page.shown[0] if page.shown else 0,
            limit=PAGE_SIZE,
        )
        newest = newest_change(connection)
    kept = write_filter(wanted)

    def address(**other: object) -> str:
        known: dict[str, Any] = {name: value for name, value in {**kept, **other}.items() if value}
        return url_for("changes.inbox", authority=authority, **known)

    return render_template(
        "changes/changes.html",
        authority=authority,
        called=authority_name(authority),
        wanted=wanted,
        kept=kept,
        kinds=[(kind, f"{KINDS[kind]} ({count:,})") for kind, count in counts.items()],
        every=sum(counts.values()),
        areas=AREAS,
        total=total,
        lines=lines(found),
        newest=newest,
        address=address,
        page=page,
        links=page_links(
            page.page, page.pages, lambda number: address(page=number), "Pages of changes"
        ),
        done=_done(),
    )


def _done() -> str | None:
    seen = request.args.get("marked", "")
    if seen.isascii() and seen.isdigit() and len(seen) < len("1000000"):
        return f"{counted(int(seen), 'change')} marked as seen. Each can be put back."
    return "It waits to be seen again." if request.args.get("marked") == "back" else None


def _back(authority: str, wanted: ChangeFilter, marked: str) -> ResponseReturnValue:
    known: dict[str, Any] = {**write_filter(wanted), "marked": marked}
    there = url_for("changes.inbox", authority=authority, **known)
    return redirect(there, HTTPStatus.SEE_OTHER)
