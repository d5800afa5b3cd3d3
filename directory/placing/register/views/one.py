"""One placement: all of it behind a reason, what became of it, and the notice that follows.

Each form of the page carries the reason on, and is answered with the page, so that nobody is asked
why twice in a piece of work; each look is in the audit all the same.
"""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from msgspec.structs import replace as struct_replaced

from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.hosting.due import due_on
from directory.notices import presenters as notice_presenters
from directory.notices import sending
from directory.notices.errors import DiedBeforeBirth, DiesAhead
from directory.notices.labels import reference
from directory.notices.schemas import NoticeForm
from directory.notices.sent import acknowledgements_of, one_sent
from directory.placing.approvals import presenters as approvals
from directory.placing.approvals.consulting import consultations_of
from directory.placing.approvals.errors import NotApproved
from directory.placing.approvals.service import outcomes, require_approved, standing
from directory.placing.register import presenters
from directory.placing.register.died import deaths_of, note_death
from directory.placing.register.due import to_do, wants_notice
from directory.placing.register.finding import whole_placement
from directory.placing.register.schemas import CourseForm, typed_of
from directory.placing.register.service import (
    change_child,
    change_placement,
    one_placement,
    read_placement,
)
from directory.placing.register.values import Course, Kept, Whole
from directory.placing.register.views.common import (
    MOST_TYPED,
    asking_why,
    course_of,
    form_frame,
    form_of,
    kept_reason,
    may_keep,
    placement_id,
    placement_pages,
    read_why,
)
from directory.placing.register.where import area_told_by
from directory.placing.telling.rows import told_otherwise
from directory.security.rights.service import may
from directory.security.rights.table import Action
from federation import Node, chunks_held, dispatches, reading, writing

_NOTHING: Mapping[str, str] = MappingProxyType({})


def one_placement_pages(node: Node) -> Blueprint:
    """The pages of one placement."""
    pages = placement_pages("placement", __name__, "/<placement>")

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint == "placement.change":
            request.max_content_length = request.max_form_memory_size = MOST_TYPED

    @pages.route("", methods=("GET", "POST"))
    def one(authority: str, placement: str) -> ResponseReturnValue:
        reason, problems = ("", {}) if request.method == "GET" else read_why()
        if reason:
            return whole(node, authority, placement_id(placement), reason)
        return ask_why(node, authority, placement_id(placement), problems)

    @pages.post("/change")
    def change(authority: str, placement: str) -> ResponseReturnValue:
        reason, problems = read_why()
        if not reason:
            return ask_why(node, authority, placement_id(placement), problems)
        return _change(node, authority, placement_id(placement), reason)

    @pages.post("/course")
    def course(authority: str, placement: str) -> ResponseReturnValue:
        reason, problems = read_why()
        if not reason:
            return ask_why(node, authority, placement_id(placement), problems)
        return _become(node, authority, placement_id(placement), reason)

    return pages


def ask_why(
    node: Node, authority: str, number: str, problems: Mapping[str, str]
) -> ResponseReturnValue:
    """What may be seen without a reason, and the question."""
    with reading(node.node_db) as connection:
        kept = one_placement(connection, g.who, authority, number)
    page = render_template(
        "placements/one.html",
        **_frame(node, kept),
        problems=problems,
        kept_now=request.args.get("done") == "kept",
        **asking_why(),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def whole(
    node: Node,
    authority: str,
    number: str,
    reason: str,
    problems: Mapping[str, str] = _NOTHING,
    done: str = "",
) -> ResponseReturnValue:
    """The page of a placement, opened; the look is in the audit."""
    with writing(node.node_db) as connection:
        found = read_placement(connection, node, g.who, authority, number, reason)
        died_on = deaths_of(connection, node, authority).get(f"child/{found.kept.child}")
        approval = approvals.shown(
            authority,
            standing(connection, node, found.kept),
            consultations_of(connection, node, number),
        )
    home = None
    if found.facts.urn:
        with reading(node.replica) as replica:
            home = sending.home_in_directory(replica, found.facts.urn)
    page = render_template(
        "placements/whole.html",
        **_frame(node, found.kept),
        sections=presenters.sections(found, home),
        child=presenters.called(found.child),
        died_on=day(died_on) if died_on else None,
        reason=kept_reason(reason),
        notice=_notice(node, found),
        approval=approval,
        may_keep=may_keep(authority),
        may_restrict=may(g.who, Action.RESTRICT_RECORDS, authority),
        may_approve=may(g.who, Action.APPROVE_PLACEMENTS, authority),
        may_consult=may(g.who, Action.SEND_NOTICES, authority),
        typed=CourseForm().typed(request.form) if problems else {},
        typed_of_approval=request.form if problems else {},
        problems=problems,
        done=done,
        today=london_day(node.now()),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _change(node: Node, authority: str, number: str, reason: str) -> ResponseReturnValue:
    form = form_of(node, authority)
    if request.form.get("step") != "save":
        with writing(node.node_db) as connection:
            found = read_placement(connection, node, g.who, authority, number, reason)
        typed = typed_of(found)
        told = area_told_by(node, found.facts.address, found.facts.urn)
        if told == found.kept.course.area:
            typed["area"] = ""
        return _ask(authority, found.kept, form.typed(typed), {}, reason)
    with reading(node.node_db) as connection:
        kept = one_placement(connection, g.who, authority, number)
    typed = form.typed(request.form)
    try:
        said = form.read(request.form)
    except ValidationError as error:
        return _ask(authority, kept, typed, form.problems(error), reason)
    with reading(node.node_db) as connection:
        before = whole_placement(connection, node, authority, number)
    course, problems = course_of(node, authority, said, kept.course.state, before)
    if course is None:
        return _ask(authority, kept, typed, problems, reason)
    with writing(node.node_db) as connection:
        before = whole_placement(connection, node, authority, number)
        child = struct_replaced(said.child, recipients=before.child.recipients)
        facts = struct_replaced(said.facts, ending=before.facts.ending)
        if child != before.child:
            change_child(connection, node, g.who, authority, kept.child, child)
        change_placement(connection, node, g.who, authority, number, course, facts)
    return whole(node, authority, number, reason, done="What you changed is kept.")


def _ask(
    authority: str,
    kept: Kept,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    reason: str,
) -> ResponseReturnValue:
    page = render_template(
        "placements/form.html",
        authority=authority,
        called=f"Placement {reference(kept.id)}",
        title="Change a placement",
        action=url_for("placement.change", authority=authority, placement=kept.id),
        typed=typed,
        problems=problems,
        reason=kept_reason(reason),
        **form_frame(authority),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _become(node: Node, authority: str, number: str, reason: str) -> ResponseReturnValue:
    """Say that a planned placement began or never did, or that a live one ended."""
    form = CourseForm()
    try:
        said = form.load(request.form)
    except ValidationError as error:
        return whole(node, authority, number, reason, form.problems(error))
    if said["became"] in ("died", "died by mistake"):
        try:
            with writing(node.node_db) as connection:
                note_death(
                    connection,
                    node,
                    g.who,
                    authority,
                    number,
                    said.get("died_on") if said["became"] == "died" else None,
                )
        except (DiesAhead, DiedBeforeBirth) as error:
            return whole(node, authority, number, reason, {"died_on": str(error)})
        return whole(node, authority, number, reason, done="It is kept.")
    with writing(node.node_db) as connection:
        found = whole_placement(connection, node, authority, number)
        course = found.kept.course
        after: Course | None = {
            ("planned", "began"): replace(course, state="live"),
            ("planned", "never began"): replace(course, state="ended", ends_on=None),
            ("live", "ended"): replace(course, state="ended", ends_on=said.get("ends_on")),
        }.get((course.state, said["became"]))
        problem = {"ends_on": "That was said before. Look at what stands there now"}
        if after and after.ends_on and after.ends_on < course.starts_on:
            problem = {"ends_on": "The last day must not be before the first"}
            after = None
        if said["became"] == "began":
            try:
                require_approved(connection, node, g.who, authority, number, begins=True)
            except NotApproved as error:
                problem, after = {"without": str(error)}, None
        if after:
            facts = struct_replaced(found.facts, ending=said.get("ending"))
            change_placement(
                connection, node, g.who, authority, number, after, facts, detail=said["became"]
            )
    if after is None:
        return whole(node, authority, number, reason, problem)
    return whole(node, authority, number, reason, done="What became of it is kept.")


def _notice(node: Node, found: Whole) -> dict[str, object]:
    """What was sent of it and where that is; or what is missing before a notice can be sent."""
    kept = found.kept
    authority = kept.authority
    if kept.notice and may(g.who, Action.LIST_SENT_NOTICES, authority):
        ids = [kept.notice]
        with reading(node.node_db) as connection:
            sent = one_sent(connection, g.who, placing=authority, notice=kept.notice)
            dispatch = dispatches(connection, ids)[kept.notice]
            held = chunks_held(connection, ids).get(kept.notice)
            answers = acknowledgements_of(connection, node, g.who, placing=authority, notices=ids)
        last = due_on(node, sent.area_authority, sent.sent_at)
        where = notice_presenters.delivery(
            sent, dispatch, answers.get(kept.notice), node.now(), held, last
        )
        return {"sent": notice_presenters.sent_line(sent, where)}
    form = NoticeForm(
        authority,
        sending.areas(node, authority),
        sending.distant(node, authority),
        london_day(node.now()),
    )
    typed = form.typed(typed_of(found) | {"placement": kept.id})
    missing: list[str] = []
    with reading(node.node_db) as connection:
        told = kept.id in told_otherwise(connection, authority)
    try:
        form.read(typed)
    except ValidationError as error:
        missing = list(form.problems(error).values())
    return {
        "wanted": wants_notice(kept, told) and may(g.who, Action.SEND_NOTICES, authority),
        "told": told,
        "missing": missing,
        "typed": typed,
        "member": kept.course.area in sending.areas(node, authority),
    }


def _frame(node: Node, kept: Kept) -> dict[str, object]:
    """What every page about one placement needs, without the child."""
    with reading(node.node_db) as connection:
        decided = outcomes(connection, [kept.id])
        told = told_otherwise(connection, kept.authority)
    due = to_do([kept], node.charter.rules, london_day(node.now()), decided, told)
    return {
        "authority": kept.authority,
        "placement": kept,
        "line": presenters.line(kept, due),
    }
