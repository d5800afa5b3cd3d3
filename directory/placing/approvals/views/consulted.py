"""The pages of an area authority that is consulted: what came, one behind a reason, the answer."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from flask import Blueprint, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.homes.labels import day
from directory.notices.labels import reference
from directory.notices.schemas import OTHER_REASON
from directory.notices.views.common import read_reason
from directory.placing.approvals import presenters
from directory.placing.approvals.answering import (
    Asked,
    answer,
    consultations,
    one_consultation,
    read_consultation,
)
from directory.placing.approvals.errors import AnsweredBefore, NoSuchConsultation
from directory.placing.approvals.schemas import LONGEST, AnswerForm
from directory.security.vault.errors import Erased
from directory.web.error_pages import not_found
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading, writing

REASONS = (
    "To answer the placing authority",
    "To see what was answered",
    "The child is missing, or may be at risk",
)
_ID = re.compile("[0-9a-f]{32}")
_NOTHING: Mapping[str, str] = MappingProxyType({})


def consulted_pages(node: Node) -> Blueprint:
    """The pages of an area authority that others consult."""
    pages = Blueprint(
        "consulted",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/consultations",
    )
    pages.after_request(keep_out_of_caches)

    pages.register_error_handler(NoSuchConsultation, not_found)
    pages.register_error_handler(Erased, not_found)

    @pages.get("")
    def listing(authority: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            every = consultations(connection, g.who, authority)
        return render_template(
            "approvals/consultations.html",
            authority=authority,
            called=authority_name(authority),
            lines=[
                (one, reference(one.id), authority_name(one.placing_authority)) for one in every
            ],
            at=at,
        )

    @pages.route("/<consultation>", methods=("GET", "POST"))
    def one(authority: str, consultation: str) -> ResponseReturnValue:
        known = _known(node, authority, consultation)
        reason, problems = ("", {}) if request.method == "GET" else _read_why()
        return _whole(node, known, reason) if reason else _ask_why(known, problems)

    @pages.post("/<consultation>/answer")
    def answer_one(authority: str, consultation: str) -> ResponseReturnValue:
        known = _known(node, authority, consultation)
        reason, problems = _read_why()
        return _answer(node, known, reason) if reason else _ask_why(known, problems)

    return pages


def _read_why() -> tuple[str, dict[str, str]]:
    reason, problems = read_reason(REASONS)
    if "reason" in problems:
        problems["reason"] = "Choose why you open this consultation"
    return reason, problems


def _known(node: Node, area: str, number: str) -> Asked:
    if not _ID.fullmatch(number):
        abort(HTTPStatus.NOT_FOUND)
    with reading(node.node_db) as connection:
        return one_consultation(connection, g.who, area, number)


def _frame(known: Asked) -> dict[str, object]:
    return {
        "authority": known.area_authority,
        "consultation": known,
        "reference": reference(known.id),
        "sender": authority_name(known.placing_authority),
        "received": at(known.received_at),
        "answered": at(known.answered_at) if known.answered_at else "",
    }


def _ask_why(known: Asked, problems: Mapping[str, str]) -> ResponseReturnValue:
    page = render_template(
        "approvals/consultation.html",
        **_frame(known),
        problems=problems,
        reasons=REASONS,
        other=OTHER_REASON,
        typed=request.form,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _whole(
    node: Node,
    known: Asked,
    reason: str,
    problems: Mapping[str, str] = _NOTHING,
    done: str = "",
) -> ResponseReturnValue:
    with writing(node.node_db) as connection:
        asked, said = read_consultation(
            connection, node, g.who, known.area_authority, known.id, reason
        )
    own = {"name": g.who.name, "role": "Duty officer"}
    page = render_template(
        "approvals/consultation_whole.html",
        **_frame(known),
        sections=[*presenters.sections(asked), *([presenters.answered(said)] if said else [])],
        by=day(asked.answer_by),
        views=presenters.VIEWS,
        longest=LONGEST,
        reason={
            "reason": reason if reason in REASONS else OTHER_REASON,
            "reason_other": "" if reason in REASONS else reason,
        },
        typed=AnswerForm().typed(request.form) if problems else own,
        problems=problems,
        done=done,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _answer(node: Node, known: Asked, reason: str) -> ResponseReturnValue:
    form = AnswerForm()
    area = known.area_authority
    try:
        view, contact, said = form.load(request.form)
        with writing(node.node_db) as connection:
            answer(connection, node, g.who, area, known.id, view=view, contact=contact, said=said)
    except ValidationError as error:
        return _whole(node, known, reason, form.problems(error))
    except AnsweredBefore as error:
        return _whole(node, known, reason, {"view": str(error)})
    after = _known(node, area, known.id)
    return _whole(node, after, reason, done="Your answer is on its way.")
