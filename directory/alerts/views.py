"""The pages of homes that changed where children live: one for who placed them, and one for the
authority of the area.
"""

from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.alerts.changed import look, mark_seen
from directory.alerts.living import Side
from directory.alerts.presenters import cards
from directory.choosing.changes.schemas import read_ids
from directory.country.authorities.service import authority_name
from directory.web.headers import keep_out_of_caches
from federation import Node, writing


def lived_in_pages(node: Node) -> Blueprint:
    """Both pages, for one authority."""
    pages = Blueprint(
        "lived_in", __name__, template_folder="templates", url_prefix="/authorities/<authority>"
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("/changes/where-placed")
    def placing(authority: str) -> ResponseReturnValue:
        return _page(node, authority, "placing")

    @pages.post("/changes/where-placed")
    def placing_seen(authority: str) -> ResponseReturnValue:
        return _seen(node, authority, "placing")

    @pages.get("/changes/where-told")
    def area(authority: str) -> ResponseReturnValue:
        return _page(node, authority, "area")

    @pages.post("/changes/where-told")
    def area_seen(authority: str) -> ResponseReturnValue:
        return _seen(node, authority, "area")

    return pages


def _page(node: Node, authority: str, side: Side) -> ResponseReturnValue:
    with writing(node.node_db) as connection:
        found = look(connection, node, g.who, authority, side)
    return render_template(
        "alerts/lived_in.html",
        authority=authority,
        called=authority_name(authority),
        side=side,
        homes=cards(found, side),
        newest=max((one.changes[0].id for one in found), default=0),
        done="done" in request.args,
    )


def _seen(node: Node, authority: str, side: Side) -> ResponseReturnValue:
    with writing(node.node_db) as connection:
        for newest in read_ids(request.form, "newest")[:1]:
            mark_seen(connection, node, g.who, authority, side, newest)
    there = url_for(f"lived_in.{side}", authority=authority, done="yes")
    return redirect(there, HTTPStatus.SEE_OTHER)
