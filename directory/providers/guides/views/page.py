"""The page of a children's guide for its writers, and the way back to it."""

from functools import partial
from http import HTTPStatus
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.providers.guides.links import links_of
from directory.providers.guides.pictures import MOST_PICTURES, pictures_of
from directory.providers.guides.presenters import typed_of
from directory.providers.guides.schemas import LONGEST, GuideForm
from directory.providers.guides.topics import SOURCE, TOPICS
from directory.providers.guides.writing import long_sentences, missing, read_guide
from directory.providers.statements.desks import require_at
from directory.providers.statements.views.common import Place
from directory.web.wording import at
from federation import Node, reading

_DONE = {
    "saved": "Saved.",
    "picture": "The picture is added, drawn anew: nothing of the file it came in is left.",
    "removed": "The picture is destroyed.",
    "ended": "No link opens this guide any more.",
}


def guide_page(node: Node, place: Place, problems: dict[str, str]) -> tuple[str, int]:
    """The page, with what is to be changed. Raises NotAllowed."""
    desk = place.desk
    with reading(node.node_db) as connection:
        require_at(connection, node, g.who, desk)
        written = read_guide(connection, node, desk.urn, desk.authority)
        pictures = pictures_of(connection, node, desk)
        links = links_of(connection, node, desk)
    said = written.guide if written else None
    of_texts = request.method == "POST" and request.endpoint == f"{request.blueprint}.page"
    page = render_template(
        "guides/write.html",
        **frame_of(place),
        frame={
            "typed": GuideForm().typed(request.form) if of_texts else typed_of(said),
            "problems": problems,
        },
        topics=TOPICS,
        longest=LONGEST,
        source=SOURCE,
        written=written,
        changed=at(written.changed_at) if written else "",
        lacking=missing(said),
        long=long_sentences(said.texts) if said else [],
        pictures=pictures,
        full=len(pictures) >= MOST_PICTURES,
        most=MOST_PICTURES,
        alt=request.form.get("alt", ""),
        elsewhere=authority_name(desk.authority)
        if desk.claim and desk.authority not in node.member.area
        else "",
        links=[(one.made_by, at(one.made_at), at(one.ends_at)) for one in links],
        done=_DONE.get(request.args.get("done", "")),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def frame_of(place: Place) -> dict[str, object]:
    """What every page of a guide says of which home it is about."""
    frame = place.frame()
    if place.desk.claim is None:
        there = place.to("overview")
        frame["back"] = {"text": "Back to the statement of purpose", "href": there}
    return {**frame, "to": partial(address_of, place)}


def address_of(place: Place, page: str, **more: str) -> str:
    """The address of another page of this guide."""
    values: dict[str, Any] = {**place.named, **more}
    return url_for(f"{request.blueprint}.{page}", **values)


def back_to(place: Place, done: str) -> ResponseReturnValue:
    """To the page of the guide, which says what was done."""
    return redirect(address_of(place, "page", done=done), HTTPStatus.SEE_OTHER)
