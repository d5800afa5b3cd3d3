"""The pages on which an officer says what their authority wants, checks it, and hands it in.

What is typed travels between form and check in the request itself, and starts from what waits for
release, or else from what is published.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy import Connection

from directory.choosing.commissioning import presenters
from directory.choosing.commissioning.form import MOST, CommissioningForm, typed_of
from directory.choosing.commissioning.labels import NEEDS
from directory.choosing.commissioning.parts import LONGEST_TEXT
from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.records.release.errors import NotHandedIn
from directory.records.release.held import Held, held_records
from directory.records.release.service import hand_in
from directory.web.forms import PARTS
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, latest_records, reading, writing
from protocols.commissioning import Commissioning
from protocols.entries import MAX_RECORD
from protocols.records import decode_record, encode_record

MOST_SENT = 500_000
"""Bytes of the form: those of the longest record, in letters that take nine bytes."""
_DAYS = ("statement-dated", "demand-since", "demand-until")
_STEP = re.compile(r"(add|remove)-(frameworks|calendar)(?:-([0-9]{1,2}))?")
_DONE = {
    "waiting": "waits for release",
    "published": "is published",
    "unchanged": "had not changed",
}


def commissioning_editing(node: Node) -> Blueprint:
    """The pages of one authority's officers."""
    pages = Blueprint(
        "commissioning_editing",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/commissioning",
    )
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint == "commissioning_editing.edit":
            request.max_content_length = MOST_SENT

    @pages.route("", methods=("GET", "POST"))
    def edit(authority: str) -> ResponseReturnValue:
        return _edit(node, authority)

    @pages.get("/<done>")
    def handed_in(authority: str, done: str) -> ResponseReturnValue:
        if done not in _DONE:
            return redirect(url_for("commissioning_editing.edit", authority=authority))
        return render_template(
            "commissioning/handed_in.html",
            authority=authority,
            called=authority_name(authority),
            done=done,
            outcome=_DONE[done],
        )

    return pages


def _edit(node: Node, authority: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        held = _held(connection, node, authority)
        start = _start(connection, authority, held) if request.method == "GET" else {}
    form = CommissioningForm(start or request.form)
    step = request.form.get("step", "")
    if change := _STEP.fullmatch(step):
        if change[1] == "add":
            form.add(change[2])
        else:
            form.remove(change[2], int(change[3] or 0))
    if request.method == "GET" or change or step == "change":
        return _ask(authority, form, held, {})
    try:
        record = form.read(authority, london_day(node.now()))
    except ValidationError as error:
        return _ask(authority, form, held, form.problems(error))
    if len(encode_record(record)) > MAX_RECORD:
        long = {"frameworks-1-joining": "All together it is too long. Shorten how to join"}
        return _ask(authority, form, held, long)
    if step != "publish":
        return _check(authority, form, record)
    try:
        with writing(node.node_db) as connection:
            done = hand_in(connection, node, g.who, [record])
    except NotHandedIn as error:
        return _ask(authority, form, held, {"referrals-name": str(error)}, HTTPStatus.CONFLICT)
    outcome = "waiting" if done.waiting else "published" if done.published else "unchanged"
    there = url_for("commissioning_editing.handed_in", authority=authority, done=outcome)
    return redirect(there, HTTPStatus.SEE_OTHER)


def _held(connection: Connection, node: Node, authority: str) -> Held | None:
    """What waits of the authority's own words, or was returned."""
    found = held_records(connection, node, g.who, authority)
    return next((one for one in found if isinstance(one.record, Commissioning)), None)


def _start(connection: Connection, authority: str, held: Held | None) -> dict[str, str]:
    """What the form starts from."""
    record: object = held.record if held else None
    if record is None:
        found = latest_records(connection, [f"commissioning/{authority}"]).values()
        record = next(map(decode_record, found), None)
    return typed_of(record) if isinstance(record, Commissioning) else {}


def _ask(
    authority: str,
    form: CommissioningForm,
    held: Held | None,
    problems: Mapping[str, str],
    status: HTTPStatus = HTTPStatus.BAD_REQUEST,
) -> ResponseReturnValue:
    days = [
        *_DAYS,
        *(
            f"frameworks-{n}-{end}"
            for n in form.numbers("frameworks")
            for end in ("opens", "closes")
        ),
        *(f"calendar-{n}-on" for n in form.numbers("calendar")),
    ]
    page = render_template(
        "commissioning/edit.html",
        authority=authority,
        called=authority_name(authority),
        typed=form.typed,
        problems=problems,
        first_parts={name: f"{name}-{PARTS[0]}" for name in days},
        frameworks=form.numbers("frameworks"),
        calendar=form.numbers("calendar"),
        most=MOST,
        needs=NEEDS,
        longest=LONGEST_TEXT,
        held=held,
        handed_in_at=at(held.handed_in_at) if held else "",
    )
    return page, status if problems else HTTPStatus.OK


def _check(authority: str, form: CommissioningForm, record: Commissioning) -> str:
    return render_template(
        "commissioning/check.html",
        authority=authority,
        called=authority_name(authority),
        typed=form.typed,
        as_at=day(record.as_at),
        contacts=presenters.contacts(record),
        statement=presenters.statement(record),
        frameworks=presenters.framework_cards(record, record.as_at),
        calendar=presenters.planned(record),
        period=presenters.period(record),
        totals=presenters.totals(record),
    )
