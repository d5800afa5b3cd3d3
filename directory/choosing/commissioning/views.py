"""The pages on which everybody who is signed in reads what authorities want."""

from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from directory.choosing.commissioning import presenters
from directory.choosing.commissioning.following import (
    EVERY,
    Following,
    follow,
    following,
    mark_seen,
    news,
    stop,
)
from directory.choosing.commissioning.service import (
    all_wanted,
    closing,
    demand,
    upcoming,
    wanted_of,
)
from directory.country.authorities.errors import UnknownAuthority
from directory.country.authorities.service import REGIONS_AND_NATIONS, by_gss
from directory.country.reference.working_days import london_day
from directory.security.rights.service import authorities_for, may
from directory.security.rights.table import Action
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading, writing

_DONE = {
    "followed": "What changes from now on is told here and on the start page.",
    "stopped": "You are not told of changes any more.",
    "seen": "Marked as seen. What changes from now on is told here again.",
}


def commissioning_pages(node: Node) -> Blueprint:
    """What all authorities want, and what one does."""
    pages = Blueprint(
        "commissioning", __name__, template_folder="templates", url_prefix="/commissioning"
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def overview() -> ResponseReturnValue:
        return _overview(node)

    @pages.get("/<gss>")
    def one(gss: str) -> ResponseReturnValue:
        return _one(node, gss)

    @pages.post("/follow")
    def follow_every() -> ResponseReturnValue:
        return _follow(node, EVERY)

    @pages.post("/<gss>/follow")
    def follow_one(gss: str) -> ResponseReturnValue:
        return _follow(node, _known(gss))

    @pages.post("/seen")
    def seen_every() -> ResponseReturnValue:
        return _seen(node, EVERY)

    @pages.post("/<gss>/seen")
    def seen_one(gss: str) -> ResponseReturnValue:
        return _seen(node, _known(gss))

    return pages


def _follow(node: Node, gss: str) -> ResponseReturnValue:
    wants = request.form.get("follow") == "yes"
    with reading(node.replica) as replica, writing(node.node_db) as connection:
        if wants:
            follow(connection, replica, node, g.who, gss)
        else:
            stop(connection, g.who, gss)
    return _back(gss, "followed" if wants else "stopped")


def _seen(node: Node, gss: str) -> ResponseReturnValue:
    with reading(node.replica) as replica, writing(node.node_db) as connection:
        mark_seen(connection, replica, node, g.who, gss)
    return _back(gss, "seen")


def _back(gss: str, done: str) -> ResponseReturnValue:
    there = url_for("commissioning.one", gss=gss, done=done)
    if gss == EVERY:
        there = url_for("commissioning.overview", done=done)
    return redirect(there, HTTPStatus.SEE_OTHER)


def _known(gss: str) -> str:
    try:
        return by_gss(gss).gss
    except UnknownAuthority:
        abort(HTTPStatus.NOT_FOUND)


def _followed(connection: Connection) -> Following | None:
    """None for who follows nobody, having no account."""
    may_follow = may(g.who, Action.FOLLOW_AUTHORITIES)
    return following(connection, g.who) if may_follow else None


def _overview(node: Node) -> str:
    today = london_day(node.now())
    with reading(node.replica) as connection, reading(node.node_db) as own:
        everyone = all_wanted(connection, node)
        followed = _followed(own)
        new = news(own, connection, node, g.who) if followed else []
    asked = request.args.get("region", "")
    region = asked if asked in REGIONS_AND_NATIONS else ""
    wanted = [one for one in everyone if region in ("", one.region)]
    regions, needs = presenters.demand_table(demand(wanted))
    mine = authorities_for(g.who, Action.HAND_IN_RECORDS, node.member.area)
    return render_template(
        "commissioning/overview.html",
        anyone=bool(everyone),
        region=region,
        regions=REGIONS_AND_NATIONS,
        authorities=presenters.authority_rows(wanted),
        closing=presenters.closing_rows(closing(wanted, today), today),
        upcoming=presenters.upcoming_rows(upcoming(wanted, today)),
        demand_regions=regions,
        demand=needs,
        mine=sorted((by_gss(gss).name, gss) for gss in mine),
        followed=followed,
        news=new,
        done=_DONE.get(request.args.get("done", "")),
    )


def _one(node: Node, gss: str) -> ResponseReturnValue:
    try:
        authority = by_gss(gss)
    except UnknownAuthority:
        abort(404)
    if authority.gss != gss:
        return redirect(url_for("commissioning.one", gss=authority.gss))
    with reading(node.replica) as connection, reading(node.node_db) as own:
        found = wanted_of(connection, node, gss)
        followed = _followed(own)
    mine = authorities_for(g.who, Action.HAND_IN_RECORDS, node.member.area)
    known = found and {
        "contacts": presenters.contacts(found.record),
        "statement": presenters.statement(found.record),
        "frameworks": presenters.framework_cards(found.record, london_day(node.now())),
        "calendar": presenters.planned(found.record),
        "period": presenters.period(found.record),
        "totals": presenters.totals(found.record),
    }
    return render_template(
        "commissioning/one.html",
        authority=authority,
        found=found,
        known=known,
        published=at(found.published_at) if found else "",
        edits=gss in mine,
        followed=followed,
        new=followed.changed(found) if found and followed and followed.follows(gss) else [],
        done=_DONE.get(request.args.get("done", "")),
    )
