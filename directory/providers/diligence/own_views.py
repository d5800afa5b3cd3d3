"""The pages on which a provider's staff give, once, what authorities check."""

from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.providers.diligence import presenters
from directory.providers.diligence.errors import DiligenceError, NotOurs
from directory.providers.diligence.files import file_of
from directory.providers.diligence.handing_in import hand_in_item, where_to
from directory.providers.diligence.items import Item, Subject, enter, own_items, subjects, take_back
from directory.providers.diligence.kinds import KINDS
from directory.providers.diligence.schemas import ItemForm
from directory.providers.diligence.views import saved
from directory.providers.documents.cleaning import LARGEST, TOO_LARGE, cleaned
from directory.providers.documents.errors import Unfit
from directory.providers.handins.errors import HandInError
from directory.providers.statements.importing.clamav import refuse_infected
from directory.providers.statements.importing.refusals import Refused
from directory.providers.vouching.register import known_homes
from directory.web.forms import PARTS
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing
from protocols.attachments import MediaType

_DONE = {
    "given": "Saved. It waits to be checked by the authority that invited you.",
    "back": "Taken back. It is checked by nobody.",
    "handed-in": "Handed in. What they find stands on the page of your home there.",
}


def our_diligence_pages(node: Node, clamav: Path | None) -> Blueprint:
    """The pages of a provider's items. With `clamav`, its daemon is asked about every file."""
    pages = Blueprint(
        "our_diligence",
        __name__,
        template_folder="templates",
        url_prefix="/our-homes/due-diligence",
    )
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint in ("our_diligence.page", "our_diligence.one"):
            request.max_content_length = LARGEST + 64 * 1024

    @pages.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        item = (request.view_args or {}).get("item")
        return _show(node, item, {}, {"file": TOO_LARGE}), HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    @pages.route("", methods=("GET", "POST"))
    def page() -> ResponseReturnValue:
        return _page(node, None, clamav)

    @pages.route("/<item>", methods=("GET", "POST"))
    def one(item: str) -> ResponseReturnValue:
        return _page(node, item, clamav)

    @pages.post("/<item>/file")
    def file(item: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            known = [one for one in own_items(connection, node, g.who) if one.id == item]
            found = file_of(connection, node, known[0].key) if known else None
        return saved(found, item) if found else abort(HTTPStatus.NOT_FOUND)

    @pages.post("/<item>/hand-in")
    def hand_in(item: str) -> ResponseReturnValue:
        try:
            with writing(node.node_db) as connection:
                hand_in_item(connection, node, g.who, item, request.form.get("authority", ""))
        except HandInError as error:
            return _show(node, item, {}, {"authority": str(error)}), HTTPStatus.CONFLICT
        return _back("handed-in")

    @pages.post("/<item>/back")
    def take_back_one(item: str) -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            take_back(connection, node, g.who, item)
        return _back("back")

    @pages.errorhandler(DiligenceError)
    def _gone(error: DiligenceError) -> ResponseReturnValue:
        return _show(node, None, {}, {"main-content": str(error)}), HTTPStatus.CONFLICT

    return pages


def _page(node: Node, item: str | None, clamav: Path | None) -> ResponseReturnValue:
    if request.method == "GET":
        return _show(node, item, {}, {})
    form = ItemForm(london_day(node.now()))
    problems: dict[str, str] = {}
    try:
        said = form.load(request.form)
        file = _file(clamav)
        with writing(node.node_db) as connection:
            offered = {presenters.key_of(one): one for one in subjects(connection, node, g.who)}
            if said["about"] not in offered:
                raise NotOurs("Choose your provider, or a home that is confirmed as yours")
            about, facts = offered[said["about"]], form.facts(said)
            enter(connection, node, g.who, about, facts, item, file)
    except ValidationError as error:
        problems = form.problems(error)
    except NotOurs as error:
        problems = {"about": str(error)}
    except (Unfit, Refused) as error:
        problems = {"file": str(error)}
    else:
        return _back("given")
    return _show(node, item, form.typed(request.form), problems), HTTPStatus.BAD_REQUEST


def _file(clamav: Path | None) -> tuple[MediaType, bytes] | None:
    """The document that was sent, clean; None where there is none. Raises Unfit, Refused."""
    sent = request.files.get("file")
    data = sent.stream.read(LARGEST + 1) if sent else b""
    if clamav and data:
        refuse_infected(data, clamav)
    return cleaned(data) if data else None


def _show(node: Node, item: str | None, typed: dict[str, str], problems: dict[str, str]) -> str:
    today = london_day(node.now())
    with reading(node.node_db) as connection, reading(node.replica) as replica:
        items = own_items(connection, node, g.who)
        offered = subjects(connection, node, g.who)
        urns = [one.urn for one in offered if one.urn]
        urns += [one.subject.urn for one in items if one.subject.urn]
        names = {urn: home.name or "" for urn, home in known_homes(replica, urns).items()}
        known = {one.id: one for one in items}
        if item is not None and item not in known:
            abort(HTTPStatus.NOT_FOUND)
        places = where_to(connection, node, g.who, known[item]) if item else []
    blank = dict.fromkeys(ItemForm(today).typed({}), "")
    before = _typed_of(known[item]) if item else {}
    return render_template(
        "diligence/ours.html",
        lines=[presenters.item_line(one, names, today) for one in items],
        changing=presenters.item_line(known[item], names, today) if item else None,
        frame={"typed": {**blank, **before, **typed}, "problems": problems},
        about=_choices(offered, names),
        kinds=KINDS,
        megabytes=LARGEST // 1024**2,
        places=[(one.authority, authority_name(one.authority)) for one in places],
        done=_DONE.get(request.args.get("done", "")),
    )


def _choices(offered: list[Subject], names: dict[str, str]) -> dict[str, str]:
    return {presenters.key_of(one): presenters.about(one, names) for one in offered}


def _typed_of(item: Item) -> dict[str, str]:
    """The form as the item stands now."""
    facts = item.facts
    typed = {
        "about": presenters.key_of(item.subject),
        "kind": facts.kind,
        "issuer": facts.issuer,
        "reference": facts.reference or "",
    }
    for name in ("valid_from", "valid_until"):
        if when := getattr(facts, name):
            typed |= {f"{name}-{part}": str(getattr(when, part)) for part in PARTS}
    return typed


def _back(done: str) -> ResponseReturnValue:
    return redirect(url_for("our_diligence.page", done=done), HTTPStatus.SEE_OTHER)
