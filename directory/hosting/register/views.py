"""The pages of the register: who lives here today, and a missing child found in seconds.

All of it is posted: why somebody looks, what they look for, and which page. An address says
nothing, and who works for several authorities has one page for all of them.
"""

from collections.abc import Collection, Mapping
from http import HTTPStatus

from flask import Blueprint, Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.exports import csv_lines
from directory.homes.service import homes_with
from directory.hosting.homes.listing import count_alone
from directory.hosting.register import presenters
from directory.hosting.register.by_homes import look_among_homes
from directory.hosting.register.errors import NothingToFind
from directory.hosting.register.finding import MOST_SHOWN, look_for, show_found
from directory.hosting.register.listing import choices, count_wanted, residents
from directory.hosting.register.schemas import REASONS, Asked, RegisterForm
from directory.hosting.register.values import UNREGISTERED, Choices, RegisterFilter
from directory.hosting.register.words import LONGEST, read_sought
from directory.hosting.same.settling import count_open
from directory.notices.labels import SETTINGS
from directory.notices.schemas import OTHER_REASON
from directory.privacy.restricting.closing import count_closed
from directory.security.rights.service import authorities_for
from directory.security.rights.table import Action
from directory.web.headers import keep_out_of_caches
from directory.web.paging import paged
from directory.web.wording import at
from federation import Node, reading, writing

PAGE_SIZE = 25
PRINTED = 500
"""How many people are put on one page to be printed."""


def register_pages(node: Node) -> Blueprint:
    """The pages of the register, for all authorities for which somebody is a duty officer."""
    pages = Blueprint("register", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.get("/register")
    def enter() -> ResponseReturnValue:
        return _enter(_areas(node), {})

    @pages.post("/register")
    def page() -> ResponseReturnValue:
        return _page(node, _areas(node))

    @pages.post("/register.csv")
    def save() -> ResponseReturnValue:
        return _save(node, _areas(node))

    return pages


def _areas(node: Node) -> Collection[str]:
    """Whose registers who asks may read; there is no page where it is nobody's."""
    found = authorities_for(g.who, Action.READ_REGISTER, node.member.area)
    return found or abort(HTTPStatus.NOT_FOUND)


def _enter(areas: Collection[str], problems: Mapping[str, str]) -> ResponseReturnValue:
    page = render_template(
        "register/enter.html",
        areas=sorted(map(authority_name, areas)),
        reasons=REASONS,
        other=OTHER_REASON,
        typed=request.form,
        problems=problems,
        longest=LONGEST,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _page(node: Node, areas: Collection[str]) -> ResponseReturnValue:
    form = RegisterForm()
    try:
        asked = form.read(request.form)
        if asked.words:
            return _found(node, areas, asked)
        return _listed(node, areas, asked)
    except ValidationError as error:
        return _enter(areas, form.problems(error))
    except NothingToFind as error:
        return _enter(areas, {"words": str(error)})


def _found(node: Node, areas: Collection[str], asked: Asked) -> ResponseReturnValue:
    sought = read_sought(asked.words)
    with reading(node.node_db) as connection:
        found = look_for(connection, node, g.who, areas, sought, asked.reason)
        alone = _alone(connection, areas)
    with writing(node.node_db) as connection:
        shown = show_found(connection, node, g.who, areas, found, asked.reason)
        told = look_among_homes(connection, node, g.who, areas, sought, asked.reason)
    urns = {one.says.placement.urn for one in shown} | {one.urn for one in told}
    names = _names(node, urns)
    return render_template(
        "register/found.html",
        **_frame(areas, asked),
        alone=alone,
        closed=_closed(node, areas),
        lines=presenters.lines(shown, names, node.now()),
        told_by_homes=presenters.told_by_homes(told, names),
        more=len(found) > MOST_SHOWN,
        most=MOST_SHOWN,
    )


def _listed(node: Node, areas: Collection[str], asked: Asked) -> ResponseReturnValue:
    own, areas = areas, _narrowed(areas, asked)
    size = PRINTED if request.form.get("print") else PAGE_SIZE
    with writing(node.node_db) as connection:
        alone = _alone(connection, areas)
        known = choices(connection, node, g.who, areas, asked.wanted.when)
        total = known.total
        if asked.wanted != RegisterFilter(when=asked.wanted.when):
            total = count_wanted(connection, node, g.who, areas, asked.wanted)
        of_age = 0
        if asked.wanted.when == "today":
            elder = RegisterFilter(when="grown-up", area=asked.wanted.area)
            of_age = count_wanted(connection, node, g.who, areas, elder)
        place = paged(range(total), request.form.get("page"), size)
        shown = residents(
            connection,
            node,
            g.who,
            areas,
            asked.wanted,
            asked.reason,
            skip=place.shown[0] if place.shown else 0,
            limit=size,
            done=f"page {place.page} of {place.pages}",
        )
    names = _names(node, known.homes)
    return render_template(
        "register/register.html",
        **_frame(areas, asked),
        alone=alone,
        closed=_closed(node, areas),
        perhaps_same=_perhaps_same(node, areas),
        lines=presenters.lines(shown, names, node.now()),
        when=presenters.WHEN,
        known=known,
        grown_up=of_age,
        total=total,
        options=_options(own, known, names),
        page=place,
        printed=size == PRINTED,
        most_printed=PRINTED,
        as_at=at(node.now()),
    )


def _save(node: Node, areas: Collection[str]) -> ResponseReturnValue:
    form = RegisterForm()
    try:
        asked = form.read(request.form)
    except ValidationError as error:
        return _enter(areas, form.problems(error))
    areas = _narrowed(areas, asked)
    with writing(node.node_db) as connection:
        found = residents(
            connection, node, g.who, areas, asked.wanted, asked.reason, done="saved as a table"
        )
    names = _names(node, {one.says.placement.urn for one in found})
    rows = (presenters.cells(one, names) for one in found)
    text = "".join(csv_lines(presenters.HEADINGS, rows))
    answer = Response(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    name = f"register-{node.now():%Y-%m-%d}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _alone(connection: Connection, areas: Collection[str]) -> list[tuple[str, str, int]]:
    """The areas where homes alone have told of somebody, and of how many: code, name and number."""
    found = ((gss, count_alone(connection, g.who, gss)) for gss in areas)
    return sorted((gss, authority_name(gss), count) for gss, count in found if count)


def _perhaps_same(node: Node, areas: Collection[str]) -> list[tuple[str, str, int]]:
    """The areas where two notices are perhaps of the same child: code, name and how often."""
    with reading(node.node_db) as connection:
        found = [(gss, authority_name(gss), count_open(connection, g.who, gss)) for gss in areas]
    return [one for one in found if one[2]]


def _narrowed(areas: Collection[str], asked: Asked) -> Collection[str]:
    """Whose registers are asked for; another's is not there."""
    if asked.wanted.area is None:
        return areas
    return [asked.wanted.area] if asked.wanted.area in areas else abort(HTTPStatus.NOT_FOUND)


def _closed(node: Node, areas: Collection[str]) -> dict[str, int]:
    """How many restricted records are not shown, by whom to ask."""
    with reading(node.node_db) as connection:
        return count_closed(connection, g.who, *areas)


def _frame(areas: Collection[str], asked: Asked) -> dict[str, object]:
    wanted = asked.wanted
    kept = {
        "reason": OTHER_REASON,  # in words, so that the page of a notice takes it, too
        "reason_other": asked.reason,
        "when": wanted.when,
        "area": wanted.area or "",
        "home": wanted.home or "",
        "from": wanted.sender or "",
        "setting": wanted.setting or "",
    }
    return {
        "areas": sorted(map(authority_name, areas)),
        "asked": asked,
        "why": {name: kept[name] for name in ("reason", "reason_other")},
        "kept": kept,
        "other": OTHER_REASON,
        "longest": LONGEST,
    }


def _options(
    areas: Collection[str], known: Choices, names: Mapping[str, str]
) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers, in the order of the words; with how many there are of homes and
    placing authorities.
    """
    homes = {
        urn: "In no registered home" if urn == UNREGISTERED else f"{names.get(urn, '')} {urn}"
        for urn in known.homes
    }
    offered = {
        "area": {gss: authority_name(gss) for gss in areas},
        "home": {urn: f"{homes[urn].strip()} ({count:,})" for urn, count in known.homes.items()},
        "from": {gss: f"{authority_name(gss)} ({count:,})" for gss, count in known.senders.items()},
        "setting": dict(SETTINGS),
    }
    return {name: sorted(of.items(), key=lambda option: option[1]) for name, of in offered.items()}


def _names(node: Node, urns: Collection[str | None]) -> dict[str, str]:
    """What homes are called, by URN, as far as somebody publishes it."""
    with reading(node.replica) as connection:
        found = homes_with(connection, {urn for urn in urns if urn and urn != UNREGISTERED})
    return {urn: claims[0].record.name for urn, claims in found.items() if claims[0].record.name}
