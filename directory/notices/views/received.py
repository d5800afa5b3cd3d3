"""The pages of an area authority: one notice behind a reason, and the answer to it."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from itertools import chain

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.hosting.partners.presenters import ToldLine, told_lines
from directory.hosting.partners.telling import told_of
from directory.notices import presenters
from directory.notices.consulted import consulted_before
from directory.notices.died import noted_death
from directory.notices.errors import AlreadyAcknowledged
from directory.notices.following import presenters as following
from directory.notices.following.listing import said_after
from directory.notices.labels import reference
from directory.notices.received import (
    Received,
    acknowledge,
    one_received,
    read_attachment,
    read_received,
)
from directory.notices.schemas import OTHER_REASON, AcknowledgementForm
from directory.notices.views.common import home_of, notice_id, notice_pages, read_reason
from directory.placing.approvals.answering import consultations
from directory.web.headers import SAVED
from directory.web.wording import at
from federation import Node, reading, writing
from protocols.attachments import ENDINGS

REASONS = (
    "To see who is placed in our area, and whom to call",
    "The child is missing, or may be at risk",
    "To tell education, health or the police what they may know",
    "To compare it with our register",
)


def received_pages(node: Node) -> Blueprint:
    """The pages of an area authority."""
    pages = notice_pages("notices_received", __name__)

    @pages.route("/received/<notice>", methods=("GET", "POST"))
    def one(authority: str, notice: str) -> ResponseReturnValue:
        return _one(node, authority, notice_id(notice))

    @pages.post("/received/<notice>/attachments/<int:file>")
    def attachment(authority: str, notice: str, file: int) -> ResponseReturnValue:
        return _attachment(node, authority, notice_id(notice), file)

    @pages.post("/received/<notice>/after/<message>/attachments/<int:file>")
    def attachment_after(
        authority: str, notice: str, message: str, file: int
    ) -> ResponseReturnValue:
        return _attachment(node, authority, notice_id(notice), file, notice_id(message))

    @pages.route("/received/<notice>/acknowledge", methods=("GET", "POST"))
    def answer(authority: str, notice: str) -> ResponseReturnValue:
        return _answer(node, authority, notice_id(notice))

    @pages.get("/received/<notice>/acknowledged")
    def answered(authority: str, notice: str) -> ResponseReturnValue:
        known = _known(node, authority, notice_id(notice))
        return render_template("notices/acknowledged.html", **_frame(known, node.now()))

    return pages


def _one(node: Node, area: str, notice: str) -> ResponseReturnValue:
    known = _known(node, area, notice)
    problems: dict[str, str] = {}
    if request.method == "POST":
        reason, problems = read_reason(REASONS)
        if not problems:
            return _whole(node, known, reason)
    return _ask_why(node, known, problems)


def _ask_why(node: Node, known: Received, problems: Mapping[str, str]) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        area = known.area_authority
        after = said_after(connection, g.who, "received", authority=area, notice=known.id)
    page = render_template(
        "notices/received_one.html",
        **_frame(known, node.now()),
        after=following.lines(after, authority_name(known.placing_authority)),
        told=_told(node, known),
        problems=problems,
        reasons=REASONS,
        other=OTHER_REASON,
        typed=request.form,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _attachment(
    node: Node, area: str, notice: str, file: int, change: str | None = None
) -> ResponseReturnValue:
    """A file of the notice, or of a change, to be saved: no browser shows it here."""
    known = _known(node, area, notice)
    reason, problems = read_reason(REASONS)
    if problems:
        return _ask_why(node, known, problems)
    with writing(node.node_db) as connection:
        one, content = read_attachment(
            *(connection, node, g.who),
            area=area,
            notice=notice,
            number=file - 1,
            reason=reason,
            change=change,
        )
    # The first part now: what is gone is answered with a page.
    answer = Response(chain([next(content)], content), mimetype=one.type)
    answer.content_length = one.size
    # Its own name may be the child's, and would stay in lists of what was downloaded.
    name = f"notice-{notice[:8]}-{'change-' if change else ''}{file}{ENDINGS[one.type][0]}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Content-Security-Policy"] = SAVED
    return answer


def _whole(node: Node, known: Received, reason: str) -> ResponseReturnValue:
    with writing(node.node_db) as connection:
        whole = read_received(
            connection, node, g.who, area=known.area_authority, notice=known.id, reason=reason
        )
        died_on = noted_death(connection, node, "received", known.area_authority, known.id)
        asked = consultations(connection, g.who, known.area_authority)
    home = home_of(node, whole.now.says)
    return render_template(
        "notices/received_whole.html",
        died_on=day(died_on) if died_on else None,
        **_frame(known, node.now()),
        sections=presenters.sections(whole.now.says, home, whole.now.expected_end),
        history=following.history(whole, node, known.placing_authority),
        questions=following.questions(whole.now),
        consulted=consulted_before(known, whole.now.says, asked),
        files=presenters.files(whole.attachments),
        told=_told(node, known),
        reasons=REASONS,
        reason=reason,
        other=OTHER_REASON,
    )


def _answer(node: Node, area: str, notice: str) -> ResponseReturnValue:
    known = _known(node, area, notice)
    if known.acknowledged_at and request.method == "GET":
        return render_template("notices/acknowledged_before.html", **_frame(known, node.now()))
    typed = {"name": g.who.name, "role": "Duty officer"} | request.form.to_dict()
    problems: dict[str, str] = {}
    if request.method == "POST":
        form = AcknowledgementForm()
        try:
            contact = form.load(request.form)
            with writing(node.node_db) as connection:
                acknowledge(connection, node, g.who, area=area, notice=notice, contact=contact)
        except ValidationError as error:
            problems = form.problems(error)
        except AlreadyAcknowledged:
            known = _known(node, area, notice)
            page = render_template("notices/acknowledged_before.html", **_frame(known, node.now()))
            return page, HTTPStatus.CONFLICT
        else:
            there = url_for("notices_received.answered", authority=area, notice=notice)
            return redirect(there, HTTPStatus.SEE_OTHER)
    page = render_template(
        "notices/acknowledge.html", **_frame(known, node.now()), problems=problems, typed=typed
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _known(node: Node, area: str, notice: str) -> Received:
    with reading(node.node_db) as connection:
        return one_received(connection, g.who, area=area, notice=notice)


def _told(node: Node, known: Received) -> list[ToldLine]:
    """What partners were told of a notice."""
    with reading(node.node_db) as connection:
        return told_lines(told_of(connection, g.who, known.area_authority, known.id))


def _frame(known: Received, now: datetime) -> dict[str, object]:
    """What every page about one notice needs, without the child."""
    return {
        "authority": known.area_authority,
        "notice": known.id,
        "reference": reference(known.id),
        "sender": authority_name(known.placing_authority),
        "received": at(known.received_at),
        "acknowledged": presenters.acknowledged(known),
        "withdrawn": known.withdrawn_at is not None,
        "state": following.state(known.ended_on, known.withdrawn_at, london_day(now)),
    }
