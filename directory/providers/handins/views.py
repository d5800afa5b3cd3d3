"""The page of one home for the staff of the provider that runs it: what they have written of it,
how it stands with that, and what has to be done.
"""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.homes.history import home_history
from directory.providers.handins import presenters
from directory.providers.handins.own import KINDS, digests_of, hand_ins_of
from directory.providers.handins.pages import own_home, standings
from directory.providers.handins.versions import profiles_only, versions_by
from directory.providers.statements.duty import due
from directory.providers.statements.presenters import due_line
from directory.providers.statements.published import all_versions, dates_of_homes
from directory.web.headers import keep_out_of_caches
from federation import Node, dispatches, reading


def our_home_pages(node: Node) -> Blueprint:
    """The page of one home."""
    pages = Blueprint("our_home", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.get("/our-homes/<claim>")
    def page(claim: str) -> ResponseReturnValue:
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
            stands = standings(connection, node, [home])
            handed_in = hand_ins_of(connection, node, [claim])
            every = [one for several in handed_in.values() for one in several]
            ids = [one.id for one in every]
            messages, digests = dispatches(connection, ids), digests_of(connection, node, ids)
            waiting = due(connection, node, dates)
        return render_template(
            "handins/home.html",
            claim=claim,
            urn=home.urn,
            name=name,
            area=authority_name(home.authority),
            provider=home.workplace.provider,
            stands=[stands[claim, kind] for kind in KINDS],
            has_statement=bool(versions["statement"]),
            due=[(one, due_line(one)) for one in waiting],
            earlier=presenters.every(every, home.authority, messages, versions, digests),
        )

    return pages
