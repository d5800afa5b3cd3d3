"""The pages of what other authorities have told us as their partner."""

from http import HTTPStatus

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.hosting.partners import presenters
from directory.hosting.partners.errors import NotToldHere
from directory.hosting.partners.told_to_us import ToldToUs, all_told, one_told, read_told
from directory.notices.labels import reference
from directory.notices.schemas import OTHER_REASON
from directory.notices.views.common import PAGE_SIZE, notice_id, read_reason
from directory.security.vault.errors import Erased
from directory.web.error_pages import not_found
from directory.web.headers import keep_out_of_caches
from directory.web.paging import page_links, paged
from directory.web.wording import at
from federation import Node, reading, writing

REASONS = (
    "To plan what we do for the child",
    "The child is missing, or may be at risk",
    "To compare it with our records",
)


def told_to_us_pages(node: Node) -> Blueprint:
    """The pages of an authority that is a partner of others."""
    pages = Blueprint(
        "told_to_us",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/told-to-us",
    )
    pages.after_request(keep_out_of_caches)

    pages.register_error_handler(NotToldHere, not_found)
    pages.register_error_handler(Erased, not_found)

    @pages.get("")
    def listing(authority: str) -> ResponseReturnValue:
        return _listing(node, authority)

    @pages.route("/<sender>/<told>", methods=("GET", "POST"))
    def one(authority: str, sender: str, told: str) -> ResponseReturnValue:
        return _one(node, authority, sender, notice_id(told))

    return pages


def _listing(node: Node, authority: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        page = paged(all_told(connection, g.who, authority), request.args.get("page"), PAGE_SIZE)

    def address(number: int) -> str:
        return url_for("told_to_us.listing", authority=authority, page=number)

    return render_template(
        "partners/told_to_us.html",
        authority=authority,
        called=authority_name(authority),
        lines=[_frame(one) for one in page.shown],
        links=page_links(page.page, page.pages, address, "Pages of what we were told"),
    )


def _one(node: Node, authority: str, sender: str, told: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        known = one_told(connection, g.who, authority, sender, told)
    frame = {"authority": authority, "line": _frame(known)}
    problems: dict[str, str] = {}
    if request.method == "POST":
        reason, problems = read_reason(REASONS)
        if not problems:
            with writing(node.node_db) as connection:
                body = read_told(connection, node, g.who, authority, sender, told, reason)
            return render_template(
                "partners/told_whole.html",
                **frame,
                rows=presenters.said_rows(body.said),
                purpose=body.purpose,
                lawful_basis=body.lawful_basis,
                code=body.event,
            )
    page = render_template(
        "partners/told_one.html",
        **frame,
        problems=problems,
        reasons=REASONS,
        other=OTHER_REASON,
        typed=request.form,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _frame(one: ToldToUs) -> dict[str, object]:
    return {
        "id": one.id,
        "sender": one.sender,
        "from": authority_name(one.sender),
        "reference": reference(one.notice),
        "event": presenters.EVENTS[one.event],
        "came": at(one.received_at),
        "opened": f"Opened by {one.opened_by} on {at(one.opened_at)}" if one.opened_at else None,
    }
