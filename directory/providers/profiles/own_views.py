"""The page on which a provider's staff write down what one of their homes offers: as a draft, or to
hand it in wherever the home stands.
"""

from hashlib import sha256
from http import HTTPStatus

import msgspec
from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.country.codes.service import code_list
from directory.country.reference.working_days import london_day
from directory.homes.said import Said, said_of, said_of_profile
from directory.homes.service import home_claims
from directory.intake.screening.errors import NotFitToPublish
from directory.providers.handins import own
from directory.providers.handins.errors import HandInError
from directory.providers.handins.pages import own_home, standings
from directory.providers.handins.sending import hand_in_own
from directory.providers.profiles import schemas
from directory.providers.profiles.errors import ChangedMeanwhile
from directory.providers.profiles.views import take_more
from directory.providers.vouching.running import RunHome, home_run
from directory.records.publishing.service import PROVIDER_SOURCE, of_home, profile_of
from directory.web.headers import keep_out_of_caches
from federation import Node, latest_records, reading, writing
from protocols.kinds import Source
from protocols.profiles import Profile
from protocols.records import Home, decode_record

_DONE = {
    "draft": "The draft is saved. Nobody but your colleagues sees it until you hand it in.",
    "handed-in": "Handed in. It stands on the page of this home what becomes of it.",
    "published": "Handed in. It says nothing new in words, so it is published at once.",
}


def our_profile_pages(node: Node) -> Blueprint:
    """The page of the profile of one home."""
    pages = Blueprint("our_profile", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)
    pages.url_value_preprocessor(take_more)

    @pages.route("/our-homes/<claim>/profile", methods=("GET", "POST"))
    def form(claim: str) -> ResponseReturnValue:
        home, name = own_home(node, claim)
        if request.method == "GET":
            return _page(node, home, name, None, {})
        form = schemas.form()
        typed, problems = form.typed(request.form), {}
        try:
            done = _keep(node, home, typed) if "draft" in request.form else _hand_in(node, home)
        except ValidationError as error:
            problems = form.problems(error)
        except (HandInError, NotFitToPublish, ChangedMeanwhile) as error:
            problems = {"main-content": str(error)}
        else:
            there = url_for("our_profile.form", claim=claim, done=done)
            return redirect(there, HTTPStatus.SEE_OTHER)
        return _page(node, home, name, typed, problems), HTTPStatus.BAD_REQUEST

    return pages


def _keep(node: Node, home: RunHome, typed: dict[str, str]) -> str:
    """Keep what was typed just so: it is looked at when it is handed in."""
    body = msgspec.json.encode({name: text for name, text in typed.items() if text.strip()})
    with writing(node.node_db) as connection:
        home_run(connection, node, g.who, home.claim)
        _refuse_overtaken(connection, node, home)
        own.keep_draft(connection, node, g.who, home.claim, "profile", body)
    return "draft"


def _hand_in(node: Node, home: RunHome) -> str:
    source = Source(PROVIDER_SOURCE, london_day(node.now()))
    profile = schemas.read(request.form, home.urn, home.authority, source)
    with writing(node.node_db) as connection:
        home_run(connection, node, g.who, home.claim)
        _refuse_overtaken(connection, node, home)
        number = hand_in_own(connection, node, g.who, home, profile)
        own.destroy_draft(connection, node, home.claim, "profile")
        return "published" if own.is_published(connection, number) else "handed-in"


def _refuse_overtaken(connection: Connection, node: Node, home: RunHome) -> None:
    if request.form.get("mark", "") != _mark(_written(connection, node, home)):
        raise ChangedMeanwhile(
            "A colleague has saved or handed in something since you opened this page. What you "
            "typed stands here: compare it with theirs in another window, and save again"
        )


def _mark(written: dict[str, str]) -> str:
    """What tells one text of the whole form from another."""
    return sha256(msgspec.json.encode(sorted(written.items()))).hexdigest()[:16]


def _page(
    node: Node,
    home: RunHome,
    name: str | None,
    typed: dict[str, str] | None,
    problems: dict[str, str],
) -> str:
    with reading(node.node_db) as connection:
        said = _published(connection, node, home)
        stands = standings(connection, node, [home])[home.claim, "profile"]
        written = _written(connection, node, home)
        if typed is None:
            typed = written or schemas.written(said)
    return render_template(
        "profiles/form.html",
        urn=home.urn,
        name=name,
        called=authority_name(home.authority),
        back={
            "text": "Back to this home",
            "href": url_for("our_home.page", claim=home.claim),
        },
        undescribed=said is None,
        stands=stands.sentence,
        by_provider=True,
        mark=_mark(written),
        typed=typed,
        problems=problems,
        done=_DONE.get(request.args.get("done", "")),
        codes=code_list(),
        givers={one.code: one.label for one in code_list().givers},
        names=schemas,
    )


def _written(connection: Connection, node: Node, home: RunHome) -> dict[str, str]:
    """What they wrote last, and is not published: the draft, or else what was handed in."""
    if draft := own.read_draft(connection, node, home.claim, "profile"):
        return msgspec.json.decode(draft, type=dict[str, str])
    handed_in = own.hand_ins_of(connection, node, [home.claim]).get((home.claim, "profile"))
    data = own.record_of(connection, node, handed_in[0].id) if handed_in else None
    record = decode_record(data) if data else None
    return schemas.written(said_of_profile(record)) if isinstance(record, Profile) else {}


def _published(connection: Connection, node: Node, home: RunHome) -> Said | None:
    """What is published: of a home here, signed yet or not; of one elsewhere, as followed."""
    if home.authority not in node.member.area:
        with reading(node.replica) as replica:
            claims = home_claims(replica, home.urn)
        return next((one.said for one in claims if one.record.authority == home.authority), None)
    held = latest_records(connection, [of_home(home.urn), profile_of(home.urn)]).values()
    records = [decode_record(data) for data in held]
    known = next((one for one in records if isinstance(one, Home)), None)
    profile = next((one for one in records if isinstance(one, Profile)), None)
    return said_of(known, profile) if known else None
