"""The pages on which officers check what providers gave, and see what others have checked."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.errors import DirectoryError
from directory.intake.screening.errors import NotFitToPublish
from directory.providers.diligence import presenters
from directory.providers.diligence.checking import decide, read_file, to_check
from directory.providers.diligence.errors import DiligenceError, NoSuchItem
from directory.providers.diligence.items import items_through
from directory.providers.diligence.published import checks_by, checks_of_provider, to_renew
from directory.providers.diligence.schemas import DecisionForm
from directory.providers.vouching.register import known_homes
from directory.security.rights.errors import ReasonWanted
from directory.security.rights.service import authorities_for
from directory.security.rights.table import Action
from directory.web.headers import SAVED, keep_out_of_caches
from federation import Node, reading, writing
from protocols.attachments import ENDINGS, MediaType

_DONE = {
    "decided": "It is in this node’s log within seconds, and other authorities see it then.",
}
_LONGEST = 300


def diligence_pages(node: Node) -> Blueprint:
    """The page of what is known of a provider, whoever checked it."""
    pages = Blueprint("diligence", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.get("/due-diligence")
    def of_provider() -> ResponseReturnValue:
        return _of_provider(node, request.args.get("provider", "").strip()[:_LONGEST], {})

    return pages


def diligence_checks_pages(node: Node) -> Blueprint:
    """The pages on which one authority checks."""
    pages = Blueprint(
        "diligence_checks",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/due-diligence",
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def page(authority: str) -> ResponseReturnValue:
        return _checks(node, authority, "", {})

    @pages.post("/<item>/file")
    def file(authority: str, item: str) -> ResponseReturnValue:
        """The document of an item; the look is in the audit."""
        with writing(node.node_db) as connection:
            found = read_file(connection, node, g.who, authority, item)
        return saved(found, item) if found else abort(HTTPStatus.NOT_FOUND)

    @pages.post("/<item>")
    def decide_one(authority: str, item: str) -> ResponseReturnValue:
        return _decide(node, authority, item)

    return pages


def saved(file: tuple[MediaType, bytes], item: str) -> Response:
    """A file to be saved: no browser shows it here, whatever it is."""
    kind, content = file
    answer = Response(content, mimetype=kind)
    name = f"Due diligence {item[:8]}{ENDINGS[kind][0]}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Content-Security-Policy"] = SAVED
    return answer


def _of_provider(node: Node, provider: str, problems: dict[str, str]) -> ResponseReturnValue:
    today = london_day(node.now())
    with reading(node.replica) as replica:
        checks = checks_of_provider(replica, g.who, provider) if provider else []
        items = presenters.checked_items(checks, today)
        known = known_homes(replica, [one.urn for one in items if one.urn])
    checking = sorted(authorities_for(g.who, Action.CHECK_DILIGENCE, node.member.area))
    return render_template(
        "diligence/provider.html",
        provider=provider,
        items=items,
        names={urn: home.name for urn, home in known.items()},
        checking=[(gss, authority_name(gss)) for gss in checking],
        problems=problems,
        done=_DONE.get(request.args.get("done", "")),
    )


def _checks(node: Node, authority: str, item: str, problems: dict[str, str]) -> str:
    today = london_day(node.now())
    with reading(node.node_db) as connection, reading(node.replica) as replica:
        items = items_through(connection, node, g.who, authority)
        mine = checks_by(replica, g.who, authority)
        urns = [one.subject.urn for one in items if one.subject.urn]
        names = {urn: home.name or "" for urn, home in known_homes(replica, urns).items()}
    lines = [presenters.item_line(one, names, today) for one in items]
    kept = {one.id for one in items}
    elsewhere = [one for one in mine if one.record.item not in kept]
    return render_template(
        "diligence/checks.html",
        authority=authority,
        called=authority_name(authority),
        waiting=[one for one in lines if one.is_waiting],
        decided=[one for one in lines if not one.is_waiting],
        elsewhere=presenters.checked_items(elsewhere, today),
        to_renew=presenters.checked_items(to_renew(mine, today), today),
        typed={item: request.form},
        problems=problems,
        done=_DONE.get(request.args.get("done", "")),
    )


def _decide(node: Node, authority: str, item: str) -> ResponseReturnValue:
    form = DecisionForm()
    try:
        said = form.load(request.form)
        with writing(node.node_db) as connection, reading(node.replica) as replica:
            one = to_check(connection, replica, node, g.who, authority, item)
            decide(connection, node, g.who, authority, one, **said)
    except ValidationError as error:
        problems = {f"{name}-{item}": why for name, why in form.problems(error).items()}
    except (DiligenceError, ReasonWanted, NotFitToPublish) as error:
        problems = {_beside(error, item): str(error)}
    else:
        if request.form.get("then") == "provider":
            there = url_for("diligence.of_provider", provider=one.provider, done="decided")
        else:
            there = url_for("diligence_checks.page", authority=authority, done="decided")
        return redirect(there, HTTPStatus.SEE_OTHER)
    return _checks(node, authority, item, problems), HTTPStatus.BAD_REQUEST


def _beside(error: DirectoryError, item: str) -> str:
    """The id of what an error is about."""
    if isinstance(error, NoSuchItem):
        return "main-content"
    return f"reason-{item}" if isinstance(error, ReasonWanted) else f"item-{item}"
