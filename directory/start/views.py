"""What there is to do for who has signed in, with what waits for them first."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from directory.authorities.service import authority_name
from directory.changes.service import count_changes
from directory.changes.values import ChangeFilter
from directory.notices.received import count_open
from directory.providers.claims import count_asked
from directory.rights.principal import Principal
from directory.rights.service import authorities_for, may
from directory.rights.table import Action
from directory.statements.duty import Due, due
from directory.statements.published import dates_of
from directory.web.headers import keep_out_of_caches
from federation import Node, reading


@dataclass(frozen=True, slots=True)
class Desk:
    """What somebody may do for an authority. `waiting` counts notices that nobody acknowledged, and
    `changes` those of homes that nobody saw, and `claims` homes that providers say they run;
    `statements` is what is to be done about statements of purpose. None for who is shown none.
    """

    gss: str
    name: str
    waiting: int | None
    changes: int | None
    sends: bool
    reads_audit: bool
    claims: int | None = None
    statements: Sequence[Due] | None = None


def start_page(node: Node) -> Blueprint:
    """The first page."""
    pages = Blueprint("start", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.get("/")
    def page() -> ResponseReturnValue:
        with reading(node.replica) as replica, reading(node.node_db) as connection:
            desks = _desks(connection, replica, node, g.who)
        if may(g.who, Action.WORK_FOR_PROVIDER):
            return redirect(url_for("our_homes.page"))
        if not desks and not may(g.who, Action.SEE_NODE):
            return redirect(url_for("homes.search_page"))
        return render_template("start/start.html", desks=desks, runs=may(g.who, Action.SEE_NODE))

    return pages


def _desks(connection: Connection, replica: Connection, node: Node, who: Principal) -> list[Desk]:
    served = node.member.area
    receives = authorities_for(who, Action.LIST_RECEIVED_NOTICES, served)
    sends = authorities_for(who, Action.LIST_SENT_NOTICES, served)
    audits = authorities_for(who, Action.READ_AUDIT, served)
    looks = authorities_for(who, Action.LIST_CHANGES, served)
    confirms = authorities_for(who, Action.MANAGE_PROVIDERS, served)
    writes = authorities_for(who, Action.WRITE_STATEMENTS, served)
    desks = [
        Desk(
            gss,
            authority_name(gss),
            count_open(connection, who, gss) if gss in receives else None,
            _unseen(connection, node, who, gss) if gss in looks else None,
            gss in sends,
            gss in audits,
            count_asked(connection, who, gss) if gss in confirms else None,
            due(connection, node, dates_of(replica, gss)) if gss in writes else None,
        )
        for gss in receives | sends | audits | looks | confirms | writes
    ]
    return sorted(desks, key=lambda desk: desk.name)


def _unseen(connection: Connection, node: Node, who: Principal, gss: str) -> int:
    return sum(count_changes(connection, node, who, gss, ChangeFilter()).values())
