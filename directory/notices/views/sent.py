"""The pages of a placing authority: where the notices are that it sent, and what one says now."""

from contextlib import suppress
from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.hosting.due import due_on
from directory.notices import presenters
from directory.notices.died import noted_death
from directory.notices.following import presenters as following
from directory.notices.following.listing import said_after
from directory.notices.schemas import OTHER_REASON
from directory.notices.sent import acknowledgements_of, one_sent, read_sent, send_again, sent
from directory.notices.views.common import (
    PAGE_SIZE,
    home_of,
    notice_id,
    notice_pages,
    read_reason,
)
from directory.notices.views.writing import add_writing_pages
from directory.privacy.restricting.closing import count_closed
from directory.web.paging import page_links, paged
from federation import Node, NotDead, chunks_held, dispatches, reading, writing

REASONS = (
    "To check what the area authority was told",
    "The placement has changed or ended",
    "To answer a question from the area authority",
)


def sent_pages(node: Node) -> Blueprint:
    """The pages of a placing authority, those on which a notice is written among them."""
    pages = notice_pages("notices_sent", __name__)
    add_writing_pages(pages, node)

    @pages.get("/sent")
    def listing(authority: str) -> ResponseReturnValue:
        return _listing(node, authority)

    @pages.route("/sent/<notice>", methods=("GET", "POST"))
    def one(authority: str, notice: str) -> ResponseReturnValue:
        return _one(node, authority, notice_id(notice))

    @pages.post("/sent/<notice>/again")
    def again(authority: str, notice: str) -> ResponseReturnValue:
        with suppress(NotDead), writing(node.node_db) as connection:  # sent by a second click
            send_again(connection, node, g.who, placing=authority, notice=notice_id(notice))
        there = url_for("notices_sent.one", authority=authority, notice=notice)
        return redirect(there, HTTPStatus.SEE_OTHER)

    return pages


def _listing(node: Node, placing: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        page = paged(sent(connection, g.who, placing), request.args.get("page"), PAGE_SIZE)
        closed = count_closed(connection, g.who, placing)
        ids = [one.id for one in page.shown]
        on_the_way, held = dispatches(connection, ids), chunks_held(connection, ids)
        answers = acknowledgements_of(connection, node, g.who, placing=placing, notices=ids)
    now = node.now()
    return render_template(
        "notices/sent.html",
        authority=placing,
        placing=authority_name(placing),
        page=page,
        closed=closed,
        lines=[
            presenters.sent_line(
                one,
                presenters.delivery(
                    one,
                    on_the_way[one.id],
                    answers.get(one.id),
                    now,
                    held.get(one.id),
                    due_on(node, one.area_authority, one.sent_at),
                ),
            )
            for one in page.shown
        ],
        links=page_links(
            page.page,
            page.pages,
            lambda number: url_for("notices_sent.listing", authority=placing, page=number),
            "Pages of notices",
        ),
    )


def _one(node: Node, placing: str, notice: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        known = one_sent(connection, g.who, placing=placing, notice=notice)
        dispatch = dispatches(connection, [notice])[notice]
        held = chunks_held(connection, [notice]).get(notice)
        answers = acknowledgements_of(connection, node, g.who, placing=placing, notices=[notice])
        after = said_after(connection, g.who, "sent", authority=placing, notice=notice)
    today = london_day(node.now())
    frame = {
        "after": following.lines(after, authority_name(known.area_authority)),
        "withdrawn": known.withdrawn_at is not None,
        "state": following.state(known.ended_on, known.withdrawn_at, today),
        "authority": placing,
        "line": presenters.sent_line(
            known,
            presenters.delivery(
                known,
                dispatch,
                answers.get(notice),
                node.now(),
                held,
                due_on(node, known.area_authority, known.sent_at),
            ),
        ),
    }
    problems: dict[str, str] = {}
    if request.method == "POST":
        reason, problems = read_reason(REASONS)
        if not problems:
            with writing(node.node_db) as connection:
                whole = read_sent(
                    connection, node, g.who, placing=placing, notice=notice, reason=reason
                )
                died_on = noted_death(connection, node, "sent", placing, notice)
            return render_template(
                "notices/sent_whole.html",
                **frame,
                sections=presenters.sections(
                    whole.now.says, home_of(node, whole.now.says), whole.now.expected_end
                ),
                history=following.history(whole, node, placing),
                questions=following.questions(whole.now),
                died_on=day(died_on) if died_on else None,
                contained=following.contained(whole.now.containment),
                files=presenters.files(whole.attachments),
            )
    page = render_template(
        "notices/sent_one.html",
        **frame,
        problems=problems,
        reasons=REASONS,
        other=OTHER_REASON,
        typed=request.form,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
