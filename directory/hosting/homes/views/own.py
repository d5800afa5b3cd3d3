"""The page on which a home's staff keep who lives there; the area authority is told by it."""

import re
from datetime import date
from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from msgspec.structs import replace

from directory.country.authorities.service import all_authorities, authority_name
from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.hosting.census.asking import asked_of
from directory.hosting.homes.answering import SAYS, answer_for_home, asked_of_home
from directory.hosting.homes.contacts import contact_known, with_contact
from directory.hosting.homes.errors import NoSuchAsking, NoSuchStay, ResidentsError, TakenBack
from directory.hosting.homes.presenters import stay_line
from directory.hosting.homes.residents import (
    current_stay,
    discharge,
    keep_stay,
    new_stay,
    one_stay,
    residents,
    take_back,
)
from directory.hosting.homes.schemas import (
    ACCOMMODATED,
    MISTAKES,
    ORDERS,
    YES_OR_NO,
    ResidentForm,
    TakeBackForm,
    a_notice,
    typed_of,
)
from directory.providers.handins.pages import own_home
from directory.providers.vouching.running import RunHome
from directory.web.forms import PARTS
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

_DONE = {
    "kept": "Saved. The authority of the area is told, unless it placed them itself.",
    "left": "Saved. The authority of the area is told of the discharge.",
    "back": "Taken back. It stays on the list, and says so.",
    "answered": "Answered. The authority that asked is told.",
}
_ID = re.compile("[0-9a-f]{32}")


def our_residents_pages(node: Node) -> Blueprint:
    """The pages of who lives in one home."""
    pages = Blueprint(
        "our_residents",
        __name__,
        template_folder="../templates",
        url_prefix="/our-homes/<claim>/residents",
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def listing(claim: str) -> ResponseReturnValue:
        return _listing(node, claim)

    @pages.route("/new", methods=("GET", "POST"))
    def admit(claim: str) -> ResponseReturnValue:
        return _form(node, claim, None)

    @pages.route("/<stay>", methods=("GET", "POST"))
    def correct(claim: str, stay: str) -> ResponseReturnValue:
        return _form(node, claim, _known(stay))

    @pages.route("/<stay>/take-back", methods=("GET", "POST"))
    def withdraw(claim: str, stay: str) -> ResponseReturnValue:
        return _take_back(node, claim, _known(stay))

    @pages.post("/<stay>/discharge")
    def leave(claim: str, stay: str) -> ResponseReturnValue:
        home, _ = own_home(node, claim)
        try:
            with writing(node.node_db) as connection:
                discharge(connection, node, g.who, home, _known(stay), london_day(node.now()))
        except ResidentsError as error:
            return _listing(node, claim, str(error))
        return _back(claim, "left")

    @pages.post("/asked/<number>/<said>")
    def answer(claim: str, number: str, said: str) -> ResponseReturnValue:
        home, _ = own_home(node, claim)
        what = SAYS.get(said) or abort(HTTPStatus.NOT_FOUND)
        try:
            with writing(node.node_db) as connection:
                answer_for_home(connection, node, g.who, home, _known(number), what)
        except NoSuchAsking as error:
            return _listing(node, claim, str(error))
        return _back(claim, "answered")

    return pages


def _listing(node: Node, claim: str, problem: str = "") -> ResponseReturnValue:
    home, name = own_home(node, claim)
    today = london_day(node.now())
    with writing(node.node_db) as connection:  # each look is in the audit
        stays = residents(connection, node, g.who, home)
        asked = asked_of_home(connection, node, home)
        censuses = [one for one in asked_of(connection, home) if not one.answered_at]
    lines = [stay_line(one, home.authority, today) for one in stays]
    page = render_template(
        "hosting_homes/residents.html",
        **_frame(home, name),
        here=[one for one in lines if one.lives_here],
        censuses=[(one.census, day(one.as_at), day(one.answer_by)) for one in censuses],
        gone=[one for one in lines if not one.lives_here and not one.taken_back],
        taken_back=[one for one in lines if one.taken_back],
        asked=[
            (
                one.number,
                f"{authority_name(body.placing_authority)} says that it placed a child here on "
                f"{day(body.starts_on)}, of whom you have told nothing.",
            )
            for one, body in asked
        ],
        problems={"main-content": problem} if problem else {},
        done=_DONE.get(request.args.get("done", "")),
    )
    return page, HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK


def _form(node: Node, claim: str, stay: str | None) -> ResponseReturnValue:
    home, name = own_home(node, claim)
    today = london_day(node.now())
    form = ResidentForm(today)
    problems: dict[str, str] = {}
    if request.method == "POST":
        typed = form.typed(request.form)
        try:
            with writing(node.node_db) as connection, reading(node.replica) as replica:
                if stay:  # 404 for one of another home
                    current_stay(connection, node, g.who, home, stay)
                known = contact_known(connection, replica, node, home, typed["placing_authority"])
                said = a_notice(
                    form.load(with_contact(typed, known)),
                    sender=home.workplace.through,
                    claim=claim,
                    stay=stay or new_stay(),
                    told_by=g.who.name,
                    told_at=node.now(),
                )
                keep_stay(connection, node, g.who, home, said)
            return _back(claim, "kept")
        except ValidationError as error:
            problems = form.problems(error)
        except NoSuchStay:
            abort(HTTPStatus.NOT_FOUND)
        except ResidentsError as error:
            problems = {"given_name": str(error)}
    else:
        try:
            typed = _as_known(node, home, stay, today)
        except NoSuchStay:
            abort(HTTPStatus.NOT_FOUND)
        except TakenBack as error:
            return _listing(node, claim, str(error))
    page = render_template(
        "hosting_homes/resident.html",
        **_frame(home, name),
        stay=stay,
        authorities={one.gss: one.name for one in sorted(all_authorities(), key=lambda a: a.name)},
        accommodated=ACCOMMODATED,
        orders=ORDERS,
        yes_or_no=YES_OR_NO,
        frame={"typed": typed, "problems": problems},
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _as_known(node: Node, home: RunHome, stay: str | None, today: date) -> dict[str, str]:
    """A form filled in: with a stay that is corrected, with the earlier one of somebody who has
    come back, with what an authority asks; else the day alone.
    """
    came = _admitted(today)
    earlier, asked = request.args.get("again"), request.args.get("asked")
    with writing(node.node_db) as connection:  # each look is in the audit
        if stay:
            return typed_of(current_stay(connection, node, g.who, home, stay).said)
        if earlier:
            said = one_stay(connection, node, g.who, home, _known(earlier)).said
            return typed_of(replace(said, discharged_on=None)) | came
        for one, body in asked_of_home(connection, node, home):
            if one.number == asked:
                began = _admitted(body.starts_on)
                return began | {"placing_authority": body.placing_authority}
    return came


def _admitted(on: date) -> dict[str, str]:
    return {f"admitted_on-{part}": str(getattr(on, part)) for part in PARTS}


def _take_back(node: Node, claim: str, stay: str) -> ResponseReturnValue:
    home, name = own_home(node, claim)
    form, problems = TakeBackForm(), {}
    try:
        with writing(node.node_db) as connection:
            known = current_stay(connection, node, g.who, home, stay)
            try:
                if request.method == "POST":
                    mistake = form.load(request.form)["mistake"]
                    take_back(connection, node, g.who, home, stay, mistake)
                    return _back(claim, "back")
            except ValidationError as error:
                problems = form.problems(error)
    except NoSuchStay:
        abort(HTTPStatus.NOT_FOUND)
    except ResidentsError as error:
        return _listing(node, claim, str(error))
    page = render_template(
        "hosting_homes/take_back.html",
        **_frame(home, name),
        line=stay_line(known, home.authority, london_day(node.now())),
        is_told=known.message is not None,
        mistakes=MISTAKES,
        typed=form.typed(request.form),
        problems=problems,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _frame(home: RunHome, name: str | None) -> dict[str, object]:
    return {
        "claim": home.claim,
        "urn": home.urn,
        "called": name or "This home",
        "area": authority_name(home.authority),
    }


def _back(claim: str, done: str) -> ResponseReturnValue:
    there = url_for("our_residents.listing", claim=claim, done=done)
    return redirect(there, HTTPStatus.SEE_OTHER)


def _known(text: str) -> str:
    return text if _ID.fullmatch(text) else abort(HTTPStatus.NOT_FOUND)
