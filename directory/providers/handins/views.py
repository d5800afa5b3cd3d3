"""The pages of one home for the staff of the provider that runs it: what they have written of it,
how it stands with that, what has to be done; and taking back what they handed in.
"""

import re
from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from directory.country.authorities.former import former_of, what_became
from directory.country.authorities.service import authority_name
from directory.homes.history import home_history
from directory.providers.diligence.items import own_items
from directory.providers.diligence.kinds import called
from directory.providers.handins import presenters
from directory.providers.handins.errors import HandInError
from directory.providers.handins.own import KINDS, digests_of, hand_ins_of, messages_of
from directory.providers.handins.pages import own_home, standings
from directory.providers.handins.versions import profiles_only, versions_by
from directory.providers.handins.withdrawing import to_withdraw, withdraw
from directory.providers.statements.duty import due
from directory.providers.statements.presenters import due_line
from directory.providers.statements.published import all_versions, dates_of_homes
from directory.providers.vouching.running import home_run
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading, writing

_ID = re.compile("[0-9a-f]{32}")
_DONE = {
    "withdrawn": "Withdrawn. What you wrote is still here, and can be handed in again.",
    "handed-in": "Handed in. It stands below what becomes of it.",
}


def our_home_pages(node: Node) -> Blueprint:
    """The pages of one home."""
    pages = Blueprint("our_home", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.get("/our-homes/<claim>")
    def page(claim: str) -> ResponseReturnValue:
        return _page(node, claim)

    @pages.route("/our-homes/<claim>/handed-in/<number>/withdraw", methods=("GET", "POST"))
    def withdraw_one(claim: str, number: str) -> ResponseReturnValue:
        home, name = own_home(node, claim)
        if not _ID.fullmatch(number):
            abort(HTTPStatus.NOT_FOUND)
        try:
            if request.method == "POST":
                with writing(node.node_db) as connection:
                    home = home_run(connection, node, g.who, claim)
                    withdraw(connection, node, g.who, home, number)
                there = url_for("our_home.page", claim=claim, done="withdrawn")
                return redirect(there, HTTPStatus.SEE_OTHER)
            with reading(node.node_db) as connection:
                one = to_withdraw(connection, node, home, number)
        except HandInError as error:
            return _page(node, claim, str(error)), HTTPStatus.CONFLICT
        return render_template(
            "handins/withdraw.html",
            claim=claim,
            number=number,
            urn=home.urn,
            name=name,
            title=presenters.TITLES[one.kind],
            handed_in=f"{one.handed_in_by}, {at(one.handed_in_at)}",
            area=authority_name(home.authority),
        )

    return pages


def _page(node: Node, claim: str, problem: str = "") -> str:
    home, name = own_home(node, claim)
    with reading(node.replica) as replica:
        versions = {
            "profile": versions_by(
                node, home.authority, profiles_only(home_history(replica, home.urn))
            ),
            "statement": versions_by(node, home.authority, all_versions(replica, home.urn)),
        }
        dates = dates_of_homes(replica, [(home.urn, home.authority)])
    with reading(node.node_db) as connection:
        stands = standings(connection, node, [home], presenters.TITLES)
        handed_in = hand_ins_of(connection, node, [claim])
        every = [one for several in handed_in.values() for one in several]
        digests = digests_of(connection, node, [one.id for one in every])
        earlier = presenters.every(
            every,
            home.authority,
            messages_of(connection, every),
            versions,
            digests,
            _items(connection, node),
        )
        waiting = due(connection, node, dates)
    return render_template(
        "handins/home.html",
        claim=claim,
        urn=home.urn,
        name=name,
        area=authority_name(home.authority),
        divided=divided(home.authority),
        is_here=home.authority in node.member.area,
        provider=home.workplace.provider,
        stands=[stands[claim, kind] for kind in KINDS],
        files={kind: stands[claim, kind] for kind in ("guide", "document")},
        has_statement=bool(versions["statement"]),
        due=[(one, due_line(one)) for one in waiting],
        earlier=earlier,
        done=_DONE.get(request.args.get("done", "")),
        problems={"main-content": problem} if problem else {},
    )


def divided(authority: str) -> str:
    """In words, what became of what was written for an authority whose area was divided."""
    former = former_of(authority)
    if former is None or len(former.successors) == 1:
        return ""
    return (
        f"{what_became(former)}. What you wrote stays here, and what waited there is decided by "
        "nobody any more. Ask them which of them publishes the home now, and claim it there: you "
        "can take over your words from this page until then"
    )


def _items(connection: Connection, node: Node) -> dict[str, str]:
    """What each of their items of due diligence is, as it goes on from "Due diligence"."""
    return {
        one.id: f": {called(one.facts.kind).lower()}" for one in own_items(connection, node, g.who)
    }
