"""The pages on which a provider's staff give, once, what authorities check."""

from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.reference.working_days import london_day
from directory.providers.diligence import presenters
from directory.providers.diligence.errors import DiligenceError, NotOurs
from directory.providers.diligence.items import Item, Subject, enter, own_items, subjects, take_back
from directory.providers.diligence.kinds import KINDS
from directory.providers.diligence.schemas import ItemForm
from directory.providers.vouching.register import known_homes
from directory.web.forms import PARTS
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

_DONE = {
    "given": "Saved. It waits to be checked by the authority that invited you.",
    "back": "Taken back. It is checked by nobody.",
}


def our_diligence_pages(node: Node) -> Blueprint:
    """The pages of a provider's items."""
    pages = Blueprint(
        "our_diligence",
        __name__,
        template_folder="templates",
        url_prefix="/our-homes/due-diligence",
    )
    pages.after_request(keep_out_of_caches)

    @pages.route("", methods=("GET", "POST"))
    def page() -> ResponseReturnValue:
        return _page(node, None)

    @pages.route("/<item>", methods=("GET", "POST"))
    def one(item: str) -> ResponseReturnValue:
        return _page(node, item)

    @pages.post("/<item>/back")
    def take_back_one(item: str) -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            take_back(connection, node, g.who, item)
        return _back("back")

    @pages.errorhandler(DiligenceError)
    def _gone(error: DiligenceError) -> ResponseReturnValue:
        return _show(node, None, {}, {"main-content": str(error)}), HTTPStatus.CONFLICT

    return pages


def _page(node: Node, item: str | None) -> ResponseReturnValue:
    if request.method == "GET":
        return _show(node, item, {}, {})
    form = ItemForm(london_day(node.now()))
    problems: dict[str, str] = {}
    try:
        said = form.load(request.form)
        with writing(node.node_db) as connection:
            offered = {presenters.key_of(one): one for one in subjects(connection, node, g.who)}
            if said["about"] not in offered:
                raise NotOurs("Choose your provider, or a home that is confirmed as yours")
            enter(connection, node, g.who, offered[said["about"]], form.facts(said), item)
    except ValidationError as error:
        problems = form.problems(error)
    except NotOurs as error:
        problems = {"about": str(error)}
    else:
        return _back("given")
    return _show(node, item, form.typed(request.form), problems), HTTPStatus.BAD_REQUEST


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
    blank = dict.fromkeys(ItemForm(today).typed({}), "")
    before = _typed_of(known[item]) if item else {}
    return render_template(
        "diligence/ours.html",
        lines=[presenters.item_line(one, names, today) for one in items],
        changing=presenters.item_line(known[item], names, today) if item else None,
        frame={"typed": {**blank, **before, **typed}, "problems": problems},
        about=_choices(offered, names),
        kinds=KINDS,
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
