"""Links to a children's guide: made, shown once, and ended by its writers."""

import segno
from flask import Blueprint, g, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from directory.providers.guides.errors import NotReady
from directory.providers.guides.links import end_links, make_link
from directory.providers.guides.views.page import back_to, frame_of, guide_page
from directory.providers.statements.views.common import PlaceOf
from directory.web.reached import page_address
from federation import Node, writing


def add_links(pages: Blueprint, node: Node, place_of: PlaceOf) -> None:
    """Add the routes to the pages of a guide."""

    @pages.post("/links")
    def link(**named: str) -> ResponseReturnValue:
        place = place_of(**named)
        try:
            with writing(node.node_db) as connection:
                token = make_link(connection, node, g.who, place.desk)
        except NotReady as error:
            return guide_page(node, place, {"link": str(error)})
        there = page_address(url_for("childs_guide.page", token=token))
        drawn = segno.make(there, error="m").svg_inline(scale=4, border=4, light="white")
        return render_template(
            "guides/link.html",
            **frame_of(place),
            address=there,
            picture=Markup(drawn),  # noqa: S704 - drawn here, of squares
        )

    @pages.post("/links/end")
    def end(**named: str) -> ResponseReturnValue:
        place = place_of(**named)
        with writing(node.node_db) as connection:
            end_links(connection, node, g.who, place.desk)
        return back_to(place, "ended")
