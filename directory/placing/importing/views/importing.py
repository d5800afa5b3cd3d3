"""Choosing a file, saying what its columns mean, seeing what it would do, and importing it.

The file is read in memory and kept nowhere; what was read of it lies sealed until it is imported.
"""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from io import BytesIO

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.country.ssda903.errors import ReturnError
from directory.errors import DirectoryError
from directory.homes.labels import day
from directory.placing.importing.columns import (
    EVERY,
    FIELDS,
    NEEDED,
    TOLD,
    guessed,
    remember,
    remembered,
)
from directory.placing.importing.comparing import Plan
from directory.placing.importing.errors import NoSuchDraft, OtherPeriod, UnreadableSheet
from directory.placing.importing.from_ssda903 import read_return
from directory.placing.importing.schemas import AsAtForm
from directory.placing.importing.service import (
    draft_of,
    drop_draft,
    keep_draft,
    preview,
    store,
)
from directory.placing.importing.sheet import read_rows, read_sheet
from directory.placing.importing.values import Draft, Trouble
from directory.security.vault.errors import Erased
from directory.web.forms import PARTS
from directory.web.headers import keep_out_of_caches
from directory.web.wording import counted
from federation import Node, reading, writing

MOST_SENT = 20 * 1024 * 1024
SHOWN = 200
"""How many changes and how many troubles are shown; all are counted."""
_ID = re.compile("[0-9a-f]{32}")


def importing_placements_pages(node: Node) -> Blueprint:
    """The pages of imports."""
    pages = Blueprint(
        "importing",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/placements/import",
    )
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint == "importing.choose":
            request.max_content_length = MOST_SENT

    @pages.errorhandler(NoSuchDraft)
    @pages.errorhandler(Erased)
    def _gone(error: DirectoryError) -> ResponseReturnValue:
        return _choose((request.view_args or {})["authority"], {"episodes": str(error)})

    @pages.route("", methods=("GET", "POST"))
    def choose(authority: str) -> ResponseReturnValue:
        if request.method == "GET":
            return _choose(authority, {})
        return _read(node, authority)

    @pages.route("/<draft>/columns", methods=("GET", "POST"))
    def columns(authority: str, draft: str) -> ResponseReturnValue:
        return _columns(node, authority, _draft_id(draft))

    @pages.route("/<draft>", methods=("GET", "POST"))
    def check(authority: str, draft: str) -> ResponseReturnValue:
        return _check(node, authority, _draft_id(draft))

    @pages.post("/<draft>/throw-away")
    def throw_away(authority: str, draft: str) -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            draft_of(connection, node, g.who, authority, _draft_id(draft))
            drop_draft(connection, node, draft)
        there = url_for("importing.choose", authority=authority)
        return redirect(there, HTTPStatus.SEE_OTHER)

    return pages


def _draft_id(text: str) -> str:
    return text if _ID.fullmatch(text) else abort(HTTPStatus.NOT_FOUND)


def _choose(authority: str, problems: Mapping[str, str]) -> ResponseReturnValue:
    page = render_template(
        "importing/choose.html",
        authority=authority,
        called=authority_name(authority),
        problems=problems,
        typed=request.form,
        first_parts={"as_at": f"as_at-{PARTS[0]}"},
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _file(name: str) -> bytes:
    chosen = request.files.get(name)
    return chosen.stream.read(MOST_SENT) if chosen and chosen.filename else b""


def _read(node: Node, authority: str) -> ResponseReturnValue:
    episodes, header, sheet = _file("episodes"), _file("header"), _file("sheet")
    form, problems = AsAtForm(london_day(node.now())), {}
    try:
        as_at = form.load(request.form)["as_at"]
    except ValidationError as error:
        as_at, problems = None, form.problems(error)
    if bool(episodes) is bool(sheet):
        problems["episodes"] = "Choose the table Episodes of a return, or else a spreadsheet"
    if problems:
        return _choose(authority, problems)
    try:
        if episodes:
            table = BytesIO(header) if header else None
            draft = read_return(node, BytesIO(episodes), table, as_at)
        else:
            draft = Draft("sheet", rows=read_rows(sheet), as_at=as_at)
    except OtherPeriod as error:
        return _choose(authority, {"as_at": str(error)})
    except (ReturnError, UnreadableSheet) as error:
        return _choose(authority, {"sheet" if sheet else "episodes": str(error)})
    known: dict[str, int] = {}
    with writing(node.node_db) as connection:
        if sheet:
            known = remembered(connection, authority, draft.rows[0])
            draft = read_sheet(node, draft.rows, known, draft.as_at) if known else draft
        number = keep_draft(connection, node, g.who, authority, draft)
    page = "importing.check" if known or episodes else "importing.columns"
    there = url_for(page, authority=authority, draft=number)
    return redirect(there, HTTPStatus.SEE_OTHER)


def _columns(node: Node, authority: str, number: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        draft = draft_of(connection, node, g.who, authority, number)
    if not draft.rows:
        there = url_for("importing.check", authority=authority, draft=number)
        return redirect(there, HTTPStatus.SEE_OTHER)
    headings = draft.rows[0]
    columns = guessed(headings)
    problems: dict[str, str] = {}
    if request.method == "POST":
        columns = _said(headings)
        problems = {
            field: f"Choose the column that has: {FIELDS[field].lower()}"
            for field in NEEDED
            if field not in columns
        }
        if not problems:
            with writing(node.node_db) as connection:
                remember(connection, node, authority, headings, columns)
                drop_draft(connection, node, number)
                read = read_sheet(node, draft.rows, columns, draft.as_at)
                number = keep_draft(connection, node, g.who, authority, read)
            there = url_for("importing.check", authority=authority, draft=number)
            return redirect(there, HTTPStatus.SEE_OTHER)
    page = render_template(
        "importing/columns.html",
        called=authority_name(authority),
        back=url_for("importing.choose", authority=authority),
        action=url_for("importing.columns", authority=authority, draft=number),
        fields=FIELDS,
        told=TOLD,
        headings={str(at): one or f"Column {at + 1}" for at, one in enumerate(headings)},
        typed={field: str(column) for field, column in columns.items()},
        problems=problems,
        rows=len(draft.rows) - 1,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _said(headings: Sequence[str]) -> dict[str, int]:
    """The columns that were chosen, by their field."""
    known = {str(at): at for at in range(len(headings))}
    chosen = {field: known.get(request.form.get(field, "")) for field in EVERY}
    return {field: at for field, at in chosen.items() if at is not None}


def _check(node: Node, authority: str, number: str) -> ResponseReturnValue:
    importing = request.method == "POST"
    with writing(node.node_db) as connection:
        draft = draft_of(connection, node, g.who, authority, number)
        if importing:
            plan = store(connection, node, g.who, authority, draft, number)
            drop_draft(connection, node, number)
        else:
            plan = preview(connection, node, g.who, authority, draft)
    troubles = (*draft.troubles, *plan.troubles)
    return render_template(
        "importing/check.html",
        authority=authority,
        called=authority_name(authority),
        draft=number,
        done=importing,
        came=bool(plan.new),
        as_at=plan.as_at,
        counts=_counts(plan, draft, troubles),
        changes_nothing=plan.changes_nothing,
        changes=plan.changes[:SHOWN],
        left=plan.left[:SHOWN],
        troubles=troubles[:SHOWN],
        more_changes=max(0, len(plan.changes) - SHOWN),
        more_left=max(0, len(plan.left) - SHOWN),
        more_troubles=max(0, len(troubles) - SHOWN),
        day=day,
    )


def _counts(plan: Plan, draft: Draft, troubles: Sequence[Trouble]) -> list[tuple[str, str]]:
    kinds = [one.kind for one in plan.changes]
    return [
        ("New placements", f"{kinds.count('new'):,}"),
        ("Placements that ended", f"{kinds.count('ended'):,}"),
        ("Placements that change otherwise", f"{kinds.count('changed'):,}"),
        ("Placements that stay as they are", f"{plan.same:,}"),
        ("New children", f"{len(plan.new_children):,}"),
        ("Children of whom something changes", f"{len(plan.changed_children):,}"),
        (
            "Open in the register, and not in this file",
            f"{counted(len(plan.absent), 'placement')}: left as they are",
        ),
        *(
            [("Rows left out: restricted records that you may not open", f"{plan.closed:,}")]
            if plan.closed
            else []
        ),
        ("Rows left out: days away, and placed for adoption", f"{draft.left_out:,}"),
        ("Said otherwise here, and left as the register has it", f"{len(plan.left):,}"),
        ("Cells that could not be read, or want a look", f"{len(troubles):,}"),
    ]
