"""The pages on which everybody who is signed in reads what authorities want."""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.choosing.commissioning import presenters
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
from directory.security.rights.service import authorities_for
from directory.security.rights.table import Action
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading


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

    return pages


def _overview(node: Node) -> str:
    today = london_day(node.now())
    with reading(node.replica) as connection:
        everyone = all_wanted(connection, node)
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
    )


def _one(node: Node, gss: str) -> ResponseReturnValue:
    try:
        authority = by_gss(gss)
    except UnknownAuthority:
        abort(404)
    if authority.gss != gss:
        return redirect(url_for("commissioning.one", gss=authority.gss))
    with reading(node.replica) as connection:
        found = wanted_of(connection, node, gss)
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
    )
