"""The pages of a placing authority: send a notice, and see where those are that were sent.

What was typed travels between form and check in the request itself: it stands in no address, no
cookie and no table before it is sent.
"""

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from types import MappingProxyType

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.intake.attachments.choosing import Chosen, enclosures
from directory.intake.attachments.errors import AttachmentError
from directory.notices import presenters, sending
from directory.notices.errors import AlreadySent
from directory.notices.fields import LONGEST_DOCUMENT
from directory.notices.following import presenters as following
from directory.notices.following.listing import said_after
from directory.notices.labels import CONTACTS, DOCUMENTS, LEGAL_STATUSES, SETTINGS, reference
from directory.notices.now import Said
from directory.notices.schemas import OTHER_REASON, NoticeForm
from directory.notices.sent import (
    acknowledgements_of,
    one_sent,
    read_sent,
    send_again,
    send_notice,
    sent,
)
from directory.notices.views.common import PAGE_SIZE, notice_id, notice_pages, read_reason
from directory.placing.approvals.errors import NotApproved
from directory.placing.approvals.service import require_approved
from directory.placing.register.errors import RegisterError
from directory.placing.register.service import link_notice
from directory.web.forms import PARTS
from directory.web.paging import page_links, paged
from federation import (
    FederationError,
    Node,
    NotDead,
    chunks_held,
    dispatches,
    reading,
    writing,
)
from protocols.attachments import ENDINGS
from protocols.errors import ProtocolError
from protocols.notices import Notice

MOST_TYPED = 2 * 1024 * 1024
"""Bytes of the form: three documents of the greatest length, in letters that take nine bytes."""
MOST_SENT = 100 * 1024 * 1024
"""Bytes of the form and its files: more than are taken, so that too many are refused beside them,
with what was typed still there.
"""
REASONS = (
    "To check what the area authority was told",
    "The placement has changed or ended",
    "To answer a question from the area authority",
)
_DAYS = ("born_on", "starts_on", "expected_end")
_FORM = re.compile("[A-Za-z0-9_-]{22,64}")


def sent_pages(node: Node) -> Blueprint:
    """The pages of a placing authority."""
    pages = notice_pages("notices_sent", __name__)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint == "notices_sent.new":
            with_files = request.mimetype == "multipart/form-data"
            request.max_content_length = MOST_SENT if with_files else MOST_TYPED
            request.max_form_memory_size = MOST_TYPED

    @pages.route("/new", methods=("GET", "POST"))
    def new(authority: str) -> ResponseReturnValue:
        return _new(node, authority)

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

    @pages.get("/sent/<notice>/confirmation")
    def confirmation(authority: str, notice: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            known = one_sent(connection, g.who, placing=authority, notice=notice_id(notice))
        return render_template(
            "notices/confirmation.html",
            authority=authority,
            notice=notice,
            reference=reference(notice),
            area=authority_name(known.area_authority),
        )

    return pages


def _new(node: Node, placing: str) -> ResponseReturnValue:
    form = _form(node, placing)
    typed = form.typed(request.form)
    if request.method == "GET" or request.form.get("step") == "change":
        return _ask(node, placing, typed, {})
    try:
        notice, area = form.read(request.form)
    except ValidationError as error:
        return _ask(node, placing, typed, form.problems(error))
    if problems := _misplaced(node, notice, placing, area):
        return _ask(node, placing, typed, problems)
    if request.form.get("step") != "send":
        return _check(node, placing, typed, notice, area)
    try:
        message = _send(node, placing, notice, area)
    except AttachmentError as error:
        return _check(node, placing, typed, notice, area, {"attachments": _about(error)})
    except (AlreadySent, RegisterError, NotApproved) as error:
        return _ask(node, placing, typed, {"identifier": str(error)}, HTTPStatus.CONFLICT)
    except FederationError:
        gone = "This authority can no longer be told in this way. Choose another, or call them"
        return _ask(node, placing, typed, {"area": gone})
    except ProtocolError:
        long = "The three texts are too long together for one notice. Shorten one of them"
        return _ask(node, placing, typed, {"care_plan": long})
    there = url_for("notices_sent.confirmation", authority=placing, notice=message)
    return redirect(there, HTTPStatus.SEE_OTHER)


def _misplaced(node: Node, notice: Notice, placing: str, area: str) -> dict[str, str]:
    """What is wrong with where the child is said to live, beside its field."""
    placed, home = notice.placement, _home(node, notice)
    if wrong := sending.why_elsewhere(home, placing, area):
        return {"urn": wrong}
    if placed.urn and home is None:
        with reading(node.replica) as connection:
            if wrong := sending.why_closed(connection, placed.urn):
                return {"urn": wrong}
    if home is None and (wrong := sending.why_not_there(placed.address, placing, area)):
        return {"address": wrong}
    return {}


def _send(node: Node, placing: str, notice: Notice, area: str) -> str:
    try:
        return _queue(node, placing, notice, area)
    except IntegrityError:  # the same form at the same moment: now it is there
        return _queue(node, placing, notice, area)


def _queue(node: Node, placing: str, notice: Notice, area: str) -> str:
    files = enclosures(_chosen())
    with writing(node.node_db) as connection:
        message = send_notice(
            connection,
            node,
            g.who,
            notice,
            placing=placing,
            area=area,
            form=_form_token(),
            files=files,
        )
        if of := request.form.get("placement"):
            require_approved(connection, node, g.who, placing, of)
            link_notice(connection, node, g.who, placing, of, message)
    return message


def _chosen() -> list[Chosen]:
    """The files that were chosen; a browser sends an empty one for none."""
    every = request.files.getlist("attachments")
    return [Chosen(one.filename, one.stream) for one in every if one.filename]


def _about(error: AttachmentError) -> str:
    """What is wrong, with the name of the file, for whoever has chosen it."""
    if error.number is None:
        return str(error)
    return f"“{_chosen()[error.number].name}” {error}"


def _ask(
    node: Node,
    placing: str,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    status: HTTPStatus = HTTPStatus.BAD_REQUEST,
) -> ResponseReturnValue:
    again = status == HTTPStatus.CONFLICT
    page = render_template(
        "notices/new.html",
        authority=placing,
        placing=authority_name(placing),
        typed=typed,
        problems=problems,
        form_token=_new_token() if again else _form_token(),
        areas=sending.areas(node, placing),
        settings=SETTINGS,
        legal_statuses=LEGAL_STATUSES,
        contacts=CONTACTS,
        documents=DOCUMENTS,
        longest=LONGEST_DOCUMENT,
        first_parts={
            name: f"{name}-{PARTS[0]}" for name in ("born_on", "starts_on", "expected_end")
        },
    )
    return page, status if problems else HTTPStatus.OK


def _check(
    node: Node,
    placing: str,
    typed: Mapping[str, str],
    notice: Notice,
    area: str,
    problems: Mapping[str, str] = MappingProxyType({}),
) -> ResponseReturnValue:
    page = render_template(
        "notices/check.html",
        authority=placing,
        typed=typed,
        form_token=_form_token(),
        area=authority_name(area),
        sections=presenters.sections(notice, _home(node, notice)),
        at_a_distance=notice.placement.at_a_distance,
        urgent=presenters.how_urgent(
            sending.notice_due(node, notice, placing), london_day(node.now())
        ),
        problems=problems,
        kinds=",".join(ENDINGS),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _listing(node: Node, placing: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        page = paged(sent(connection, g.who, placing), request.args.get("page"), PAGE_SIZE)
        ids = [one.id for one in page.shown]
        on_the_way, held = dispatches(connection, ids), chunks_held(connection, ids)
        answers = acknowledgements_of(connection, node, g.who, placing=placing, notices=ids)
    now = node.now()
    return render_template(
        "notices/sent.html",
        authority=placing,
        placing=authority_name(placing),
        page=page,
        lines=[
            presenters.sent_line(
                one,
                presenters.delivery(
                    one, on_the_way[one.id], answers.get(one.id), now, held.get(one.id)
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
            presenters.delivery(known, dispatch, answers.get(notice), node.now(), held),
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
            return render_template(
                "notices/sent_whole.html",
                **frame,
                sections=presenters.sections(
                    whole.now.says, _home(node, whole.now.says), whole.now.expected_end
                ),
                history=following.history(whole.now, node, placing),
                questions=following.questions(whole.now),
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


def _form(node: Node, placing: str) -> NoticeForm:
    return NoticeForm(
        placing,
        sending.areas(node, placing),
        sending.distant(node, placing),
        london_day(node.now()),
    )


def _home(node: Node, notice: Said) -> sending.PlacedIn | None:
    if notice.placement.urn is None:
        return None
    with reading(node.replica) as connection:
        return sending.home_in_directory(connection, notice.placement.urn)


def _form_token() -> str:
    """What tells this form from every other, from its first showing until it is sent."""
    token = request.form.get("form", "")
    return token if _FORM.fullmatch(token) else _new_token()


def _new_token() -> str:
    return secrets.token_urlsafe(16)
