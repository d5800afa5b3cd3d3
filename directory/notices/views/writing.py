"""The pages on which a notice is written, checked and sent.

What was typed travels between form and check in the request itself: it stands in no address, no
cookie and no table before it is sent.
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.intake.attachments.choosing import enclosures
from directory.intake.attachments.errors import AttachmentError
from directory.notices import presenters, sending
from directory.notices.errors import AlreadySent, NoFilesThere
from directory.notices.fields import LONGEST_DOCUMENT
from directory.notices.labels import CONTACTS, DOCUMENTS, LEGAL_STATUSES, SETTINGS, reference
from directory.notices.schemas import NoticeForm
from directory.notices.sent import one_sent, send_notice
from directory.notices.views.attaching import about, chosen_files, take_files
from directory.notices.views.common import form_token, home_of, new_form_token, notice_id
from directory.placing.approvals.consulting import consulted_before
from directory.placing.approvals.errors import NotApproved
from directory.placing.approvals.service import require_approved
from directory.placing.register.errors import RegisterError
from directory.placing.register.service import link_notice
from directory.web.forms import PARTS
from federation import FederationError, Node, reading, writing
from protocols.attachments import ENDINGS
from protocols.errors import ProtocolError
from protocols.notices import Notice, PlacementNotice

MOST_TYPED = 2 * 1024 * 1024
"""Bytes of the form: three documents of the greatest length, in letters that take nine bytes."""
_DAYS = ("born_on", "starts_on", "expected_end")


def add_writing_pages(pages: Blueprint, node: Node) -> None:
    """Put the pages on which a notice is written on the blueprint of those that were sent."""

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint == "notices_sent.new":
            take_files(MOST_TYPED)

    @pages.route("/new", methods=("GET", "POST"))
    def new(authority: str) -> ResponseReturnValue:
        return _new(node, authority)

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
        return _check(node, placing, typed, notice, area, {"attachments": about(error)})
    except NoFilesThere as error:
        return _check(node, placing, typed, notice, area, {"attachments": str(error)})
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
    placed, home = notice.placement, home_of(node, notice)
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
    files = enclosures(chosen_files())
    of = request.form.get("placement")
    with writing(node.node_db) as connection:
        if of and isinstance(notice, PlacementNotice):
            before = consulted_before(connection, placing, of, area)
            notice = replace(notice, consultation=before)
        message = send_notice(
            connection,
            node,
            g.who,
            notice,
            placing=placing,
            area=area,
            form=form_token(),
            files=files,
        )
        if of:
            require_approved(connection, node, g.who, placing, of)
            link_notice(connection, node, g.who, placing, of, message)
    return message


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
        form_token=new_form_token() if again else form_token(),
        areas=sending.areas(node, placing),
        settings=SETTINGS,
        legal_statuses=LEGAL_STATUSES,
        contacts=CONTACTS,
        documents=DOCUMENTS,
        longest=LONGEST_DOCUMENT,
        first_parts={name: f"{name}-{PARTS[0]}" for name in _DAYS},
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
        form_token=form_token(),
        area=authority_name(area),
        sections=presenters.sections(notice, home_of(node, notice)),
        at_a_distance=notice.placement.at_a_distance,
        urgent=presenters.how_urgent(
            sending.notice_due(node, notice, placing), london_day(node.now())
        ),
        problems=problems,
        kinds=",".join(ENDINGS),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _form(node: Node, placing: str) -> NoticeForm:
    return NoticeForm(
        placing,
        sending.areas(node, placing),
        sending.distant(node, placing),
        london_day(node.now()),
    )
