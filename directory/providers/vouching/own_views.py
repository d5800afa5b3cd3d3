"""The pages of a provider's staff: all their homes, whichever authorities vouch for them."""

from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.providers.handins.own import KINDS
from directory.providers.handins.pages import standings
from directory.providers.statements.duty import due
from directory.providers.statements.presenters import due_line
from directory.providers.statements.published import dates_of_homes
from directory.providers.vouching import presenters
from directory.providers.vouching.errors import ProvidersError
from directory.providers.vouching.register import known_home, known_homes
from directory.providers.vouching.running import homes_run
from directory.providers.vouching.schemas import HomeForm
from directory.providers.vouching.staff import workplaces
from directory.providers.vouching.workplace import ask_for, own_homes
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

_DONE = {
    "asked": "The authority where the home stands has been asked. What it says stands here then.",
}


def our_homes_pages(node: Node) -> Blueprint:
    """The pages of a provider's staff."""
    pages = Blueprint("our_homes", __name__, template_folder="templates", url_prefix="/our-homes")
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def page() -> ResponseReturnValue:
        return _page(node, {})

    @pages.post("/claims")
    def ask_one() -> ResponseReturnValue:
        form = HomeForm()
        try:
            urn = form.load(request.form)["urn"]
            _ask(node, urn)
        except ValidationError as error:
            return _page(node, form.problems(error))
        except ProvidersError as error:
            return _page(node, {"urn": str(error)})
        return redirect(url_for("our_homes.page", done="asked"), HTTPStatus.SEE_OTHER)

    return pages


def _page(node: Node, problems: dict[str, str]) -> ResponseReturnValue:
    with reading(node.node_db) as connection, reading(node.replica) as replica:
        own = own_homes(connection, node, g.who)
        works_for = workplaces(connection, node, g.who)
        known = known_homes(replica, [one.urn for one in own])
        running = homes_run(connection, node, g.who)
        stands = standings(connection, node, running)
        dates = dates_of_homes(replica, [(one.urn, one.authority) for one in running])
        waiting = due(connection, node, dates)
    page = render_template(
        "providers/our_homes.html",
        homes=[
            presenters.home_line(
                one,
                known.get(one.urn),
                [stands[one.id, kind] for kind in KINDS if (one.id, kind) in stands],
            )
            for one in own
        ],
        claims={one.urn: one.claim for one in running},
        due=[(one, due_line(one)) for one in waiting],
        several=len(works_for) > 1,
        works_for=works_for,
        frame={"typed": {"urn": request.form.get("urn", "")}, "problems": problems},
        done=_DONE.get(request.args.get("done", "")),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _ask(node: Node, urn: str) -> None:
    """Claim a home for whom they work. Who works for several: for the one that the register names,
    and through the authority where the home stands, if that vouches for them."""
    with writing(node.node_db) as connection, reading(node.replica) as replica:
        home = known_home(replica, urn)
        theirs = workplaces(connection, node, g.who)
        if not theirs:
            raise ProvidersError("You work for no provider. Ask whoever invited you")
        best = max(
            theirs, key=lambda one: (home.is_run_by(one.provider), one.through == home.authority)
        )
        ask_for(connection, node, g.who, best, home)
