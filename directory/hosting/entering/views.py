"""The pages on which notices are entered: one that came otherwise, or a list of many."""

import re
from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import all_authorities, authority_name
from directory.country.reference.working_days import london_day
from directory.errors import DirectoryError
from directory.hosting.entering.lists import (
    FIELDS,
    NEEDED,
    as_list,
    guess,
    not_yet_known,
    read_list,
    said_columns,
)
from directory.hosting.entering.schemas import WAYS, EnteringForm
from directory.hosting.entering.service import enter_notices, read_entered
from directory.hosting.register.presenters import facts
from directory.hosting.register.schemas import REASONS
from directory.notices.labels import CONTACTS, LEGAL_STATUSES, SETTINGS, reference
from directory.notices.schemas import OTHER_REASON, ReasonForm
from directory.placing.importing.columns import remember, remembered
from directory.placing.importing.errors import NoSuchDraft, UnreadableSheet
from directory.placing.importing.service import draft_of, drop_draft, keep_draft
from directory.placing.importing.sheet import read_rows
from directory.placing.importing.values import Draft
from directory.security.rights.table import Action
from directory.security.vault.errors import Erased
from directory.web.forms import PARTS
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

MOST_SENT = 20 * 1024 * 1024
SHOWN = 200
"""How many rows that cannot be read are shown; all are counted."""
_ID = re.compile("[0-9a-f]{32}")
_DAYS = ("on", "born_on", "starts_on", "expected_end")


def entering_pages(node: Node) -> Blueprint:
    """The pages on which notices are entered."""
    pages = Blueprint(
        "entering",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/notices/entered",
    )
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint == "entering.choose":
            request.max_content_length = MOST_SENT

    @pages.errorhandler(NoSuchDraft)
    @pages.errorhandler(Erased)
    def _gone(error: DirectoryError) -> ResponseReturnValue:
        return _choose_again((request.view_args or {})["authority"], str(error))

    @pages.route("", methods=("GET", "POST"))
    def new(authority: str) -> ResponseReturnValue:
        return _new(node, authority)

    @pages.route("/<notice>", methods=("GET", "POST"))
    def one(authority: str, notice: str) -> ResponseReturnValue:
        return _one(node, authority, notice if _ID.fullmatch(notice) else abort(404))

    @pages.route("/list", methods=("GET", "POST"))
    def choose(authority: str) -> ResponseReturnValue:
        return _choose(node, authority)

    @pages.route("/list/<draft>", methods=("GET", "POST"))
    def check(authority: str, draft: str) -> ResponseReturnValue:
        return _check(node, authority, draft if _ID.fullmatch(draft) else abort(404))

    return pages


def others(area: str) -> dict[str, str]:
    """The authorities that may place a child in an area, by GSS code, in the order of names."""
    every = ((one.gss, one.name) for one in all_authorities() if one.gss != area)
    return dict(sorted(every, key=lambda one: one[1]))


def _new(node: Node, area: str) -> ResponseReturnValue:
    placing = others(area)
    form = EnteringForm(placing, london_day(node.now()))
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            came = form.read(request.form)
        except ValidationError as error:
            problems = form.problems(error)
        else:
            with writing(node.node_db) as connection:
                (notice,) = enter_notices(connection, node, g.who, area, [came])
            there = url_for("entering.new", authority=area, entered=reference(notice))
            return redirect(there, HTTPStatus.SEE_OTHER)
    page = render_template(
        "entering/new.html",
        authority=area,
        area=authority_name(area),
        typed=form.typed(request.form),
        problems=problems,
        ways=WAYS,
        placing=placing,
        settings=SETTINGS,
        legal_statuses=LEGAL_STATUSES,
        contacts=CONTACTS,
        entered=_entered(),
        first_parts={name: f"{name}-{PARTS[0]}" for name in _DAYS},
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _one(node: Node, area: str, notice: str) -> ResponseReturnValue:
    problems: dict[str, str] = {}
    rows: list[tuple[str, str]] = []
    if request.method == "POST":
        try:
            reason = ReasonForm(REASONS).load(request.form)
        except ValidationError as error:
            problems = ReasonForm(REASONS).problems(error)
        else:
            with writing(node.node_db) as connection:
                known = read_entered(connection, node, g.who, area, notice, reason)
            if known is None:
                abort(HTTPStatus.NOT_FOUND)
            rows = facts(known)
    page = render_template(
        "entering/one.html",
        authority=area,
        notice=notice,
        reference=reference(notice),
        rows=rows,
        reasons=REASONS,
        other=OTHER_REASON,
        typed=request.form,
        problems=problems,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _choose(node: Node, area: str) -> ResponseReturnValue:
    if request.method == "GET":
        return render_template(
            "entering/choose.html", authority=area, area=authority_name(area), problems={}
        )
    chosen = request.files.get("sheet")
    if not (chosen and chosen.filename):
        return _choose_again(area, "Choose the list that you have kept")
    try:
        draft = Draft("sheet", rows=read_rows(chosen.stream.read(MOST_SENT)))
    except UnreadableSheet as error:
        return _choose_again(area, str(error))
    with writing(node.node_db) as connection:
        number = keep_draft(connection, node, g.who, area, draft, Action.ENTER_NOTICES)
    there = url_for("entering.check", authority=area, draft=number)
    return redirect(there, HTTPStatus.SEE_OTHER)


def _choose_again(area: str, problem: str) -> ResponseReturnValue:
    page = render_template(
        "entering/choose.html",
        authority=area,
        area=authority_name(area),
        problems={"sheet": problem},
    )
    return page, HTTPStatus.BAD_REQUEST


def _check(node: Node, area: str, number: str) -> ResponseReturnValue:
    """What the columns mean; then what would be entered; then what was."""
    with reading(node.node_db) as connection:
        rows = draft_of(connection, node, g.who, area, number, Action.ENTER_NOTICES).rows
        known = remembered(connection, area, as_list(rows[0]))
    headings = rows[0]
    frame = {
        "authority": area,
        "area": authority_name(area),
        "draft": number,
        "fields": FIELDS,
        "headings": {str(at): one or f"Column {at + 1}" for at, one in enumerate(headings)},
        "rows": len(rows) - 1,
    }
    columns = known or guess(headings)
    problems: dict[str, str] = {}
    if request.method == "POST":
        columns = said_columns(request.form, len(headings))
        problems = {
            field: f"Choose the column that has: {FIELDS[field].lower()}"
            for field in NEEDED
            if field not in columns
        }
    typed = {field: str(column) for field, column in columns.items()}
    if request.method == "GET" or problems or request.form.get("step") == "change":
        page = render_template(
            "importing/columns.html",
            **frame,
            called=authority_name(area),
            back=url_for("entering.choose", authority=area),
            action=url_for("entering.check", authority=area, draft=number),
            typed=typed,
            problems=problems,
        )
        return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
    read = read_list(rows, columns, area, london_day(node.now()))
    importing = request.form.get("step") == "import"
    with writing(node.node_db) as connection:
        new = not_yet_known(connection, node, g.who, area, read.came)
        if importing:
            remember(connection, node, area, as_list(headings), columns)
            enter_notices(connection, node, g.who, area, new)
            drop_draft(connection, node, number)
    return render_template(
        "entering/check.html",
        **frame,
        typed=typed,
        done=importing,
        new=len(new),
        known=len(read.came) - len(new),
        troubles=read.troubles[:SHOWN],
        more=max(0, len(read.troubles) - SHOWN),
    )


def _entered() -> str | None:
    """The reference of what was entered before this page was shown, from the address."""
    said = request.args.get("entered", "")
    plain = said.replace("\N{NO-BREAK SPACE}", "")
    return said if len(plain) == 8 and plain.isascii() and plain.isalnum() else None
