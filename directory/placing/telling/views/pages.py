"""The pages on which an authority sees whom it still has to tell of its placements, and does it.

The overview names nobody. Everything else is for a reason, which travels in the forms and stands in
no address; each page that shows a name is a row in the audit.
"""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from flask import Blueprint, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.notices.labels import reference
from directory.notices.schemas import OTHER_REASON
from directory.notices.sending import areas
from directory.notices.views.common import PAGE_SIZE, read_reason
from directory.placing.register.errors import NoSuchPlacement
from directory.placing.register.service import one_placement
from directory.placing.telling import presenters, service
from directory.placing.telling.errors import NoSuchTelling, TellingError
from directory.placing.telling.letters import letter_for
from directory.placing.telling.links import queue_link
from directory.placing.telling.overview import still_to_tell
from directory.placing.telling.planning import AREA
from directory.placing.telling.schemas import ReachForm, ToldForm, UntoldForm
from directory.placing.telling.views.before import add_before_pages
from directory.placing.telling.views.recipients import add_recipients_page
from directory.privacy.restricting.closing import count_closed
from directory.security.rights.service import may
from directory.security.rights.table import Action
from directory.security.vault.errors import Erased
from directory.web.error_pages import not_found
from directory.web.forms import PARTS, Form
from directory.web.headers import keep_out_of_caches
from directory.web.paging import page_links, paged
from federation import Node, reading, writing

REASONS = (
    "To tell those who have to be told of it",
    "To check who was told, and when",
    "To decide whether somebody is not told",
)
_ID = re.compile("[0-9a-f]{32}")
_NOTHING: Mapping[str, str] = MappingProxyType({})


def still_to_tell_pages(node: Node) -> Blueprint:
    """The pages of a placing authority."""
    pages = Blueprint(
        "telling",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/telling",
    )
    pages.after_request(keep_out_of_caches)

    pages.register_error_handler(NoSuchPlacement, not_found)
    pages.register_error_handler(NoSuchTelling, not_found)
    pages.register_error_handler(Erased, not_found)

    @pages.url_value_preprocessor
    def _are_ids(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        for name in ("placement", "number"):
            if name in (values or {}) and not _ID.fullmatch((values or {})[name]):
                abort(HTTPStatus.NOT_FOUND)

    @pages.get("")
    def overview(authority: str) -> ResponseReturnValue:
        return _overview(node, authority)

    add_before_pages(pages, node)
    add_recipients_page(pages, node, lambda authority, number: _one(node, authority, number))

    @pages.route("/<placement>", methods=("GET", "POST"))
    def one(authority: str, placement: str) -> ResponseReturnValue:
        return _one(node, authority, placement)

    @pages.post("/<placement>/<number>")
    def recipient(authority: str, placement: str, number: str) -> ResponseReturnValue:
        return _recipient(node, authority, placement, number)

    @pages.post("/<placement>/<number>/tell")
    def tell(authority: str, placement: str, number: str) -> ResponseReturnValue:
        return _tell(node, authority, placement, number)

    @pages.post("/<placement>/<number>/letter")
    def letter(authority: str, placement: str, number: str) -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            to_tell = _open(connection, node, authority, placement)
            service.note_letter(connection, node, g.who, authority, placement, number)
        return render_template(
            "telling/letter.html",
            authority=authority,
            letter=letter_for(to_tell.whole, to_tell.one(number)),
            today=day(london_day(node.now())),
        )

    @pages.post("/<placement>/<number>/decide")
    def decide(authority: str, placement: str, number: str) -> ResponseReturnValue:
        return _decide(node, authority, placement, number)

    return pages


def _overview(node: Node, authority: str) -> ResponseReturnValue:
    today = london_day(node.now())
    with reading(node.node_db) as connection:
        every = still_to_tell(connection, node, g.who, authority)
        closed = count_closed(connection, g.who, authority)
    page = paged(every, request.args.get("page"), PAGE_SIZE)
    return render_template(
        "telling/overview.html",
        authority=authority,
        called=authority_name(authority),
        lines=[presenters.listed(one, today) for one in page.shown],
        total=len(every),
        closed=closed,
        late=sum(one.is_late(today) for one in every),
        may_tell=may(g.who, Action.TELL_OF_PLACEMENTS, authority),
        page=page,
        links=page_links(
            page.page,
            page.pages,
            lambda number: url_for("telling.overview", authority=authority, page=number),
            "Pages of placements",
        ),
    )


def _one(node: Node, authority: str, placement: str) -> ResponseReturnValue:
    problems: dict[str, str] = {}
    if request.method == "POST":
        reason, problems = _reason()
        if not problems:
            with writing(node.node_db) as connection:
                to_tell = service.open_placement(
                    connection, node, g.who, authority, placement, reason
                )
            return _list(node, authority, to_tell, reason)
    with reading(node.node_db) as connection:
        one_placement(connection, g.who, authority, placement)
    page = render_template(
        "telling/ask.html",
        authority=authority,
        placement=placement,
        reference=reference(placement),
        problems=problems,
        reasons=REASONS,
        other=OTHER_REASON,
        typed=request.form,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _list(node: Node, authority: str, to_tell: service.ToTell, reason: str) -> str:
    now = node.now()
    rows = {
        presenters.EVENTS[event]: [
            presenters.row(one, now, london_day(now))
            for one in to_tell.everyone
            if one.event == event
        ]
        for event in ("placement", "ending")
    }
    return render_template(
        "telling/one.html",
        authority=authority,
        placement=to_tell.whole.kept.id,
        reference=reference(to_tell.whole.kept.id),
        parts={event: every for event, every in rows.items() if every},
        may_keep=may(g.who, Action.KEEP_PLACEMENTS, authority),
        why_here=reason,
    )


def _recipient(node: Node, authority: str, placement: str, number: str) -> ResponseReturnValue:
    with writing(node.node_db) as connection:
        to_tell = _open(connection, node, authority, placement)
    return _show(node, authority, to_tell, number)


def _show(
    node: Node,
    authority: str,
    to_tell: service.ToTell,
    number: str,
    problems: Mapping[str, str] = _NOTHING,
    done: str = "",
    code: str = "",
) -> ResponseReturnValue:
    one = to_tell.one(number)
    now = node.now()
    area = to_tell.whole.kept.course.area
    typed = dict(request.form) if problems else _as_kept(one)
    page = render_template(
        "telling/recipient.html",
        authority=authority,
        placement=to_tell.whole.kept.id,
        reference=reference(to_tell.whole.kept.id),
        row=presenters.row(one, now, london_day(now)),
        one=one,
        says=letter_for(to_tell.whole, one),
        ways=presenters.BY_HAND,
        has_node=one.rule.code == AREA and area in areas(node, authority),
        may_tell=may(g.who, Action.TELL_OF_PLACEMENTS, authority),
        may_decide=may(g.who, Action.APPROVE_WITHHOLDING, authority),
        problems=problems,
        typed=typed,
        first_parts={"told_on": f"told_on-{PARTS[0]}"},
        why_here=request.form.get("why_here", ""),
        done=done,
        code=code,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _as_kept(one: Any) -> dict[str, str]:
    return {name: getattr(one.reach, name) or "" for name in ("name", "address", "email")}


def _tell(node: Node, authority: str, placement: str, number: str) -> ResponseReturnValue:
    what = request.form.get("do", "")
    if what not in _DOING:
        abort(HTTPStatus.BAD_REQUEST)
    make_form, act, done = _DOING[what]
    form = make_form(node)
    try:
        said = form.load(request.form)
    except ValidationError as error:
        return _again(node, authority, placement, number, form.problems(error))
    code = ""
    try:
        with writing(node.node_db) as connection:
            to_tell = _open(connection, node, authority, placement)
            code = act(connection, node, to_tell, number, said) or ""
            to_tell = _open(connection, node, authority, placement)
    except NoSuchTelling:
        raise
    except TellingError as error:
        return _again(node, authority, placement, number, {_BESIDE.get(what, "how"): str(error)})
    return _show(node, authority, to_tell, number, done=done, code=code)


def _again(
    node: Node, authority: str, placement: str, number: str, problems: Mapping[str, str]
) -> ResponseReturnValue:
    with writing(node.node_db) as connection:
        to_tell = _open(connection, node, authority, placement)
    return _show(node, authority, to_tell, number, problems)


def _decide(node: Node, authority: str, placement: str, number: str) -> ResponseReturnValue:
    approved = {"yes": True, "no": False}.get(request.form.get("approved", ""))
    if approved is None:
        problem = {"approved": "Say whether you approve it"}
        return _again(node, authority, placement, number, problem)
    try:
        with writing(node.node_db) as connection:
            reason = request.form.get("why_here", "")
            service.decide_withholding(
                connection, node, g.who, authority, placement, number, approved, reason
            )
            to_tell = _open(connection, node, authority, placement)
    except NoSuchTelling:
        raise
    except TellingError as error:
        return _again(node, authority, placement, number, {"approved": str(error)})
    return _show(node, authority, to_tell, number, done="Your decision is kept with your name.")


def _open(connection: Connection, node: Node, authority: str, placement: str) -> service.ToTell:
    """For the reason that was given on entry. Raises ReasonWanted when it is not there."""
    reason = request.form.get("why_here", "")
    return service.open_placement(connection, node, g.who, authority, placement, reason)


def _reason() -> tuple[str, dict[str, str]]:
    """Why somebody opens a placement: said on entry, or carried by the form they came from."""
    carried = request.form.get("why_here")
    return (carried, {}) if carried else read_reason(REASONS)


_Act = Callable[[Connection, Node, service.ToTell, str, dict[str, Any]], str | None]


def _told(
    connection: Connection, node: Node, to: service.ToTell, number: str, said: dict[str, Any]
) -> None:
    kept = to.whole.kept
    service.note_told(
        connection, node, g.who, kept.authority, kept.id, number, said["how"], said["told_on"]
    )


def _withhold(
    connection: Connection, node: Node, to: service.ToTell, number: str, said: dict[str, Any]
) -> None:
    kept, because = to.whole.kept, said["because"]
    service.ask_to_withhold(connection, node, g.who, kept.authority, kept.id, number, because)


def _not_needed(
    connection: Connection, node: Node, to: service.ToTell, number: str, said: dict[str, Any]
) -> None:
    kept, because = to.whole.kept, said["because"]
    service.note_not_needed(connection, node, g.who, kept.authority, kept.id, number, because)


def _take_back(
    connection: Connection, node: Node, to: service.ToTell, number: str, _said: dict[str, Any]
) -> None:
    service.take_back(connection, node, g.who, to.whole.kept.authority, to.whole.kept.id, number)


def _reach(
    connection: Connection, node: Node, to: service.ToTell, number: str, said: dict[str, Any]
) -> None:
    known = {name: said.get(name) for name in ("name", "address", "email")}
    kept = to.whole.kept
    service.reach_by(connection, node, g.who, kept.authority, kept.id, number, **known)


def _send_link(
    connection: Connection, node: Node, to: service.ToTell, number: str, _said: dict[str, Any]
) -> str:
    return queue_link(connection, node, g.who, to.whole.kept.authority, to, number)


_DOING: Mapping[str, tuple[Callable[[Node], Form], _Act, str]] = MappingProxyType(
    {
        "told": (lambda node: ToldForm(london_day(node.now())), _told, "Noted as told."),
        "withhold": (
            lambda _node: UntoldForm(),
            _withhold,
            "Somebody who may approve placements now decides.",
        ),
        "not needed": (lambda _node: UntoldForm(), _not_needed, "Noted as not needed."),
        "again": (lambda _node: Form(), _take_back, "They are to be told again."),
        "reach": (lambda _node: ReachForm(), _reach, "Kept for this letter."),
        "link": (lambda _node: Form(), _send_link, "The email leaves within a minute."),
    }
)
"""What a form asks for: what is typed into it, what is done, and what is said when it is."""
_BESIDE = {"withhold": "because", "not needed": "because", "link": "email"}
