"""Handing a children's guide in, by a provider's staff."""

from http import HTTPStatus

from flask import Blueprint, g, redirect, url_for
from flask.typing import ResponseReturnValue

from directory.providers.guides.errors import NotReady
from directory.providers.guides.handing_in import hand_in_guide
from directory.providers.guides.views.page import guide_page
from directory.providers.handins.errors import HandInError
from directory.providers.statements.views.common import PlaceOf
from federation import Node


def add_handing_in(pages: Blueprint, node: Node, place_of: PlaceOf) -> None:
    """Add the route to the pages of a guide."""

    @pages.post("/hand-in")
    def hand_in(claim: str) -> ResponseReturnValue:
        place = place_of(claim=claim)
        try:
            hand_in_guide(node, g.who, claim)
        except (NotReady, HandInError) as error:
            return guide_page(node, place, {"hand-in": str(error)})
        there = url_for("our_home.page", claim=claim, done="handed-in")
        return redirect(there, HTTPStatus.SEE_OTHER)
