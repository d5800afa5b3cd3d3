"""The page of the area authority: what homes say beside what placing authorities say."""

from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.homes.labels import day
from directory.hosting.homes import presenters
from directory.hosting.homes.asking import ask_home, ask_placing
from directory.hosting.homes.errors import NoSuchHomeNotice
from directory.hosting.homes.listing import (
    HomeSays,
    Section,
    WithoutHome,
    count_sections,
    home_notices,
    one_home_notice,
    read_home_notice,
    without_home_notice,
)
from directory.hosting.homes.pairing import confirm_match, keep_them_apart
from directory.notices.schemas import OTHER_REASON
from directory.notices.views.common import PAGE_SIZE, notice_id, read_reason
from directory.privacy.restricting.closing import count_closed
from directory.providers.vouching.register import known_homes
from directory.security.rights.service import may, require
from directory.security.rights.table import Action
from directory.security.vault.errors import Erased
from directory.web.headers import keep_out_of_caches
from directory.web.paging import page_links, paged
from federation import Node, reading, writing

REASONS = (
    "To see who lives in our area, and whom to call",
    "The child is missing, or may be at risk",
    "To compare what the home and the authority say",
)
FIRST = 10
"""Of each list on the page that shows them all."""
_FOLDED: tuple[Section, ...] = ("matched", "withdrawn")
_SETTLES = {"confirm": confirm_match, "apart": keep_them_apart}
_DONE = {
    "confirm": "They are one child now, in all lists.",
    "apart": "Kept apart: they are two children. Others are looked for.",
    "asked": "Asked. The answer comes to this page.",
}


def home_notices_pages(node: Node) -> Blueprint:
    """The pages of the authority where the homes stand."""
    pages = Blueprint(
        "home_notices",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/home-notices",
    )
    pages.after_request(keep_out_of_caches)

    @pages.errorhandler(Erased)
    def _gone(_error: Erased) -> ResponseReturnValue:
        return _listing(node, (request.view_args or {})["authority"], "It was destroyed.")

    @pages.get("")
    def listing(authority: str) -> ResponseReturnValue:
        return _listing(node, authority)

    @pages.route("/<number>", methods=("GET", "POST"))
    def one(authority: str, number: str) -> ResponseReturnValue:
        return _one(node, authority, notice_id(number))

    @pages.post("/<number>/<what>")
    def settle(authority: str, number: str, what: str) -> ResponseReturnValue:
        settles = _SETTLES.get(what) or abort(HTTPStatus.NOT_FOUND)
        try:
            with writing(node.node_db) as connection:
                settles(connection, node, g.who, authority, notice_id(number))
        except NoSuchHomeNotice as error:
            return _listing(node, authority, str(error))
        return _back(authority, what)

    @pages.post("/<party>/<number>/ask")
    def ask(authority: str, party: str, number: str) -> ResponseReturnValue:
        if party not in ("placing", "home"):
            abort(HTTPStatus.NOT_FOUND)
        asks = ask_placing if party == "placing" else ask_home
        try:
            with writing(node.node_db) as connection:
                by_node = asks(connection, node, g.who, authority, notice_id(number))
        except NoSuchHomeNotice as error:
            return _listing(node, authority, str(error))
        if by_node:
            return _back(authority, "asked")
        there = url_for("home_notices.letter", authority=authority, party=party, number=number)
        return redirect(there, HTTPStatus.SEE_OTHER)

    @pages.get("/<party>/<number>/letter")
    def letter(authority: str, party: str, number: str) -> ResponseReturnValue:
        return _letter(node, authority, party, notice_id(number))

    return pages


def _listing(node: Node, area: str, problem: str = "") -> ResponseReturnValue:
    """The first of each list, or all of one a page at a time."""
    asked = next((one for one in presenters.SECTIONS if one == request.args.get("show")), None)
    with reading(node.node_db) as connection:
        closed = count_closed(connection, g.who, area)
        counts = count_sections(connection, node, g.who, area)
        place = paged(range(counts[asked] if asked else 0), request.args.get("page"), PAGE_SIZE)
        skip, limit = (place.shown[0] if place.shown else 0), (PAGE_SIZE if asked else FIRST)
        shown = [asked] if asked else [one for one in presenters.SECTIONS if one not in _FOLDED]
        found = {
            one: without_home_notice(connection, node, g.who, area, skip=skip, limit=limit)
            if one == "missing"
            else home_notices(connection, node, g.who, area, one, skip=skip, limit=limit)
            for one in shown
        }
    with reading(node.replica) as replica:
        known = known_homes(replica, {one.urn for lines in found.values() for one in lines})
    homes = {urn: f"{one.name or 'Name not published'}, URN {urn}" for urn, one in known.items()}
    page = render_template(
        "hosting_homes/area.html",
        authority=area,
        called=authority_name(area),
        closed=closed,
        headings=presenters.SECTIONS,
        counts=counts,
        asked=asked,
        folded=[] if asked else [one for one in _FOLDED if counts[one]],
        sections={
            name: [presenters.line(one, homes) for one in lines] for name, lines in found.items()
        },
        page=place,
        links=page_links(
            place.page,
            place.pages,
            lambda number: url_for("home_notices.listing", authority=area, show=asked, page=number),
            "Pages of this list",
        ),
        may_match=may(g.who, Action.MATCH_NOTICES, area),
        may_count=may(g.who, Action.HOLD_CENSUS, area),
        problems={"main-content": problem} if problem else {},
        done=_DONE.get(request.args.get("done", "")),
    )
    return page, HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK


def _one(node: Node, area: str, number: str) -> ResponseReturnValue:
    problems: dict[str, str] = {}
    whole: dict[str, object] = {}
    try:
        with reading(node.node_db) as connection:
            known = one_home_notice(connection, node, g.who, area, number)
        if request.method == "POST":
            reason, problems = read_reason(REASONS)
            if not problems:
                with writing(node.node_db) as connection:
                    said, beside = read_home_notice(connection, node, g.who, area, number, reason)
                whole = {
                    "said": presenters.said_by_home(said),
                    "beside": presenters.said_by_placing(beside) if beside else [],
                }
    except NoSuchHomeNotice:
        abort(HTTPStatus.NOT_FOUND)
    with reading(node.replica) as replica:
        homes = known_homes(replica, [known.urn])
    named = {urn: f"{one.name or 'Name not published'}, URN {urn}" for urn, one in homes.items()}
    page = render_template(
        "hosting_homes/one.html",
        authority=area,
        known=known,
        line=presenters.says_line(known, named),
        reasons=REASONS,
        other=OTHER_REASON,
        typed=request.form,
        problems=problems,
        may_match=may(g.who, Action.MATCH_NOTICES, area),
        **whole,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _letter(node: Node, area: str, party: str, number: str) -> ResponseReturnValue:
    """A letter, or the text of an email: it names nobody."""
    require(g.who, Action.LIST_RECEIVED_NOTICES, area)
    with reading(node.node_db) as connection:
        try:
            if party == "placing":
                told: HomeSays | WithoutHome = one_home_notice(
                    connection, node, g.who, area, number
                )
            else:
                (told,) = without_home_notice(connection, node, g.who, area, notice=number)
        except (NoSuchHomeNotice, ValueError):
            abort(HTTPStatus.NOT_FOUND)
    urn, placing, starts_on = told.urn, told.placing_authority, told.starts_on
    with reading(node.replica) as replica:
        home = known_homes(replica, [urn]).get(urn)
    return render_template(
        "hosting_homes/letter.html",
        authority=area,
        area=authority_name(area),
        party=party,
        placing=authority_name(placing),
        home=(home.name if home else None) or f"The home with the URN {urn}",
        urn=urn,
        starts_on=day(starts_on),
        today=day(node.now()),
        reference=f"{number[:4]} {number[4:8]}".upper(),
        who=g.who.name,
    )


def _back(area: str, done: str) -> ResponseReturnValue:
    there = url_for("home_notices.listing", authority=area, done=done)
    return redirect(there, HTTPStatus.SEE_OTHER)
