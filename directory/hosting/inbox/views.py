"""The pages of the duty desk: its inbox, and what is done to several notices at once.

Nothing of a child stands on them: what a notice says opens one by one, for a reason.
"""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.choosing.commissioning.service import wanted_of
from directory.country.authorities.service import authority_name
from directory.exports import csv_lines
from directory.hosting.homes.listing import count_alone
from directory.hosting.inbox import presenters
from directory.hosting.inbox.answering import acknowledge_several
from directory.hosting.inbox.errors import NotOfTheDesk
from directory.hosting.inbox.listing import count_views, person_id, saved, senders, waiting
from directory.hosting.inbox.schemas import SavingForm, read_filter, read_ids, write_filter
from directory.hosting.inbox.taking import colleagues, give
from directory.hosting.inbox.values import NOBODY, InboxFilter
from directory.hosting.partners.telling import notices_not_delivered
from directory.notices.labels import reference
from directory.notices.schemas import AcknowledgementForm
from directory.privacy.restricting.closing import closed_to
from directory.privacy.restricting.service import restricted_among
from directory.web.headers import keep_out_of_caches
from directory.web.paging import page_links, paged
from directory.web.wording import counted
from federation import Node, reading, writing

PAGE_SIZE = 25
PRINTED = 500
"""How many notices are put on one page to be printed."""


def inbox_pages(node: Node) -> Blueprint:
    """The pages of the inbox of one authority."""
    pages = Blueprint(
        "inbox",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/notices",
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("/received")
    def page(authority: str) -> ResponseReturnValue:
        return _page(node, authority, read_filter(request.args))

    @pages.post("/received")
    def assign(authority: str) -> ResponseReturnValue:
        return _assign(node, authority, read_filter(request.args))

    @pages.post("/received/acknowledge")
    def acknowledge(authority: str) -> ResponseReturnValue:
        return _acknowledge(node, authority, read_filter(request.args))

    @pages.post("/received.csv")
    def save(authority: str) -> ResponseReturnValue:
        return _save(node, authority, read_filter(request.args))

    return pages


def _page(
    node: Node, area: str, wanted: InboxFilter, problem: dict[str, str] | None = None
) -> ResponseReturnValue:
    size = PRINTED if request.args.get("print") else PAGE_SIZE
    with reading(node.node_db) as connection:
        counts = count_views(connection, node, g.who, area, wanted)
        total = counts[wanted.view]
        place = paged(range(total), request.args.get("page"), size)
        shown = waiting(
            connection,
            node,
            g.who,
            area,
            wanted,
            skip=place.shown[0] if place.shown else 0,
            limit=size,
        )
        names = colleagues(connection, g.who, area)
        others = senders(connection, g.who, area)
        untold = notices_not_delivered(connection, area, [one.id for one in shown])
        alone = count_alone(connection, g.who, area)
        restricted = restricted_among(connection, area, [f"notice/{one.id}" for one in shown])
        closed = closed_to(connection, g.who, area)
    kept = write_filter(wanted)

    def address(**other: object) -> str:
        known: dict[str, Any] = {name: value for name, value in {**kept, **other}.items() if value}
        return url_for("inbox.page", authority=area, **known)

    page = render_template(
        "inbox/inbox.html",
        authority=area,
        area=authority_name(area),
        wanted=wanted,
        kept=kept,
        views=[(one, f"{text} ({counts[one]:,})") for one, text in presenters.VIEWS.items()],
        states=presenters.STATES,
        senders=sorted((authority_name(gss), gss) for gss in others),
        colleagues=names,
        nobody=NOBODY,
        me=person_id(g.who),
        total=total,
        lines=presenters.lines(node, shown, names, closed),
        untold=untold,
        restricted=restricted,
        alone=alone,
        address=address,
        page=place,
        links=page_links(
            place.page, place.pages, lambda number: address(page=number), "Pages of notices"
        ),
        ticked=bool(request.args.get("ticked")),
        printed=size == PRINTED,
        most_printed=PRINTED,
        done=_done(),
        problems=problem or {},
        typed=request.form,
    )
    return page, HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK


def _assign(node: Node, area: str, wanted: InboxFilter) -> ResponseReturnValue:
    ids = read_ids(request.form)
    if not ids:
        return _page(node, area, wanted, {"notices": "Tick the notices that are meant"})
    colleague = {
        "take": person_id(g.who),
        "back": None,
    }.get(request.form.get("do", ""), request.form.get("colleague", ""))
    try:
        with writing(node.node_db) as connection:
            count = give(connection, node, g.who, area, ids, colleague)
    except NotOfTheDesk as error:
        return _page(node, area, wanted, {"colleague": str(error)})
    return _back(area, wanted, f"{'taken' if colleague == person_id(g.who) else 'given'}-{count}")


def _acknowledge(node: Node, area: str, wanted: InboxFilter) -> ResponseReturnValue:
    ids = read_ids(request.form)
    if not ids:
        return _page(node, area, wanted, {"notices": "Tick the notices that are meant"})
    problems: dict[str, str] = {}
    with reading(node.replica) as replica:
        wants = wanted_of(replica, node, area)
    office = (wants.record.notices.telephone if wants else None) or ""
    known = {"name": g.who.name, "role": "Duty officer", "telephone": office}
    typed = known | request.form.to_dict()
    if request.form.get("step") == "send":
        form = AcknowledgementForm()
        try:
            contact = form.load(request.form)
        except ValidationError as error:
            problems = form.problems(error)
        else:
            with writing(node.node_db) as connection:
                count = acknowledge_several(connection, node, g.who, area, ids, contact)
            return _back(area, wanted, f"acknowledged-{count}")
    page = render_template(
        "inbox/acknowledge.html",
        authority=area,
        area=authority_name(area),
        ids=ids,
        references=[reference(one) for one in ids],
        kept=write_filter(wanted),
        problems=problems,
        typed=typed,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _save(node: Node, area: str, wanted: InboxFilter) -> ResponseReturnValue:
    form = SavingForm()
    try:
        reason = form.read(request.form)
    except ValidationError as error:
        return _page(node, area, wanted, form.problems(error))
    with writing(node.node_db) as connection:
        found = saved(connection, node, g.who, area, wanted, reason)
        closed = closed_to(connection, g.who, area)
        names = colleagues(connection, g.who, area)
    rows = (presenters.cells(node, one, names, closed) for one in found)
    text = "".join(csv_lines(presenters.HEADINGS, rows))
    answer = Response(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    name = f"notices-received-{area}-{node.now():%Y-%m-%d}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _back(area: str, wanted: InboxFilter, done: str) -> ResponseReturnValue:
    known: dict[str, Any] = {**write_filter(wanted), "done": done}
    return redirect(url_for("inbox.page", authority=area, **known), HTTPStatus.SEE_OTHER)


def _done() -> str | None:
    """What was done before this page was shown, from the address."""
    what, _, number = request.args.get("done", "").partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < len("1000")):
        return None
    notices = counted(int(number), "notice")
    match what:
        case "given":
            return f"{notices} changed hands."
        case "taken":
            return f"{notices} taken: you answer for {'it' if number == '1' else 'them'} now."
        case "acknowledged":
            return f"{notices} acknowledged with the same contact."
    return None
