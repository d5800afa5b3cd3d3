"""All placements of an authority, what is due, finding a child's, and typing one."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.placing.approvals.service import outcomes
from directory.placing.register import presenters
from directory.placing.register.due import to_do
from directory.placing.register.schemas import FindForm
from directory.placing.register.service import (
    add_placement,
    keep_child,
    placements,
    read_register,
)
from directory.placing.register.values import ChildFacts, Kept
from directory.placing.register.views.common import (
    MOST_TYPED,
    PAGE_SIZE,
    asking_why,
    course_of,
    form_frame,
    form_of,
    may_keep,
    placement_pages,
    read_why,
)
from directory.placing.telling.rows import told_otherwise
from directory.privacy.restricting.closing import count_closed
from directory.web.paging import page_links, paged
from federation import Node, reading, writing

_SHOWN = {"due": "To do", "planned": "Planned", "live": "Live", "ended": "Ended", "all": "All"}
MOST_FOUND = 50


def placements_pages(node: Node) -> Blueprint:
    """The pages of all placements."""
    pages = placement_pages("placements", __name__)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint == "placements.new":
            request.max_content_length = request.max_form_memory_size = MOST_TYPED

    @pages.get("")
    def listing(authority: str) -> ResponseReturnValue:
        return _listing(node, authority)

    @pages.route("/find", methods=("GET", "POST"))
    def find(authority: str) -> ResponseReturnValue:
        return _find(node, authority)

    @pages.route("/new", methods=("GET", "POST"))
    def new(authority: str) -> ResponseReturnValue:
        return _new(node, authority)

    return pages


def _listing(node: Node, authority: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        every = placements(connection, g.who, authority)
        closed = count_closed(connection, g.who, authority)
        decided = outcomes(connection, [one.id for one in every])
        told = told_otherwise(connection, authority)
    due = to_do(every, node.charter.rules, london_day(node.now()), decided, told)
    show = request.args.get("show", "due")
    show = show if show in _SHOWN else "due"
    chosen = {
        "due": list({one.placement.id: one.placement for one in due}.values()),
        "all": every,
    }.get(show, [one for one in every if one.course.state == show])
    page = paged(chosen, request.args.get("page"), PAGE_SIZE)

    def address(number: int) -> str:
        return url_for("placements.listing", authority=authority, show=show, page=number)

    return render_template(
        "placements/listing.html",
        authority=authority,
        called=authority_name(authority),
        shown=_SHOWN,
        closed=closed,
        show=show,
        total=len(chosen),
        kept=len(every),
        page=page,
        lines=presenters.lines(page.shown, due),
        may_keep=may_keep(authority),
        links=page_links(page.page, page.pages, address, "Pages of placements"),
    )


def _find(node: Node, authority: str) -> ResponseReturnValue:
    form = FindForm()
    problems: dict[str, str] = {}
    found: list[presenters.Line] | None = None
    more, closed = 0, dict[str, int]()
    if request.method == "POST":
        words = ""
        try:
            words = form.load(request.form)["words"]
        except ValidationError as error:
            problems = form.problems(error)
        reason, wrong = read_why()
        problems |= wrong
        if not problems:
            with writing(node.node_db) as connection:
                every, children = read_register(
                    connection, node, g.who, authority, reason, "looked for a child"
                )
                closed = count_closed(connection, g.who, authority)
            matching = _matching(every, children, words)
            more = len(matching) - MOST_FOUND
            with reading(node.node_db) as connection:
                decided = outcomes(connection, [one.id for one in matching])
                told = told_otherwise(connection, authority)
            due = to_do(matching, node.charter.rules, london_day(node.now()), decided, told)
            found = presenters.lines(matching[:MOST_FOUND], due, children)
    page = render_template(
        "placements/find.html",
        authority=authority,
        called=authority_name(authority),
        typed=form.typed(request.form),
        problems=problems,
        found=found,
        closed=closed,
        more=more,
        **asking_why(),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _matching(every: list[Kept], children: dict[str, ChildFacts], words: str) -> list[Kept]:
    """The placements of the children whose identifier or name has every one of the words."""
    wanted = words.casefold().split()
    hits = {
        number
        for number, child in children.items()
        if all(
            one
            in f"{child.identifier} {child.given_name or ''} {child.family_name or ''}".casefold()
            for one in wanted
        )
    }
    return [one for one in every if one.child in hits]


def _new(node: Node, authority: str) -> ResponseReturnValue:
    form = form_of(node, authority)
    if request.method == "GET":
        return _ask(authority, form.typed({}), {})
    typed = form.typed(request.form)
    try:
        said = form.read(request.form)
    except ValidationError as error:
        return _ask(authority, typed, form.problems(error))
    planned = said.starts_on > london_day(node.now())
    course, problems = course_of(node, authority, said, "planned" if planned else "live")
    if course is None:
        return _ask(authority, typed, problems)
    with writing(node.node_db) as connection:
        child = keep_child(connection, node, g.who, authority, said.child)
        number = add_placement(connection, node, g.who, authority, child, course, said.facts)
    there = url_for("placement.one", authority=authority, placement=number, done="kept")
    return redirect(there, HTTPStatus.SEE_OTHER)


def _ask(
    authority: str, typed: Mapping[str, str], problems: Mapping[str, str]
) -> ResponseReturnValue:
    page = render_template(
        "placements/form.html",
        authority=authority,
        called=authority_name(authority),
        title="Type in a placement",
        action=url_for("placements.new", authority=authority),
        typed=typed,
        problems=problems,
        reason=None,
        **form_frame(authority),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
