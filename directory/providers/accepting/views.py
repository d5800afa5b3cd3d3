"""The page on which an officer reads what providers' staff handed in, and accepts or returns it."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.providers.accepting.deciding import (
    accept,
    give_back,
    picture_waiting,
    read_document_waiting,
    read_guide_waiting,
    waiting_for,
)
from directory.providers.accepting.errors import NothingWaits
from directory.providers.accepting.waiting import Waiting
from directory.providers.documents.errors import Unfit
from directory.providers.guides.errors import UnfitPicture
from directory.providers.guides.topics import TOPICS
from directory.providers.statements.importing.refusals import Refused
from directory.security.rights.errors import ReasonWanted
from directory.web.error_pages import not_found
from directory.web.headers import SAVED, keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading, writing
from protocols.attachments import ENDINGS
from protocols.handins import GuideHandIn

_NUMBER = re.compile("[0-9a-f]{32}")
_DONE = {
    "accepted": "Accepted: it has taken the place of what was kept. The provider’s staff are told.",
    "returned": "Returned, with your reason. It is destroyed here.",
}
_HEADINGS = {one.name: one.heading for one in TOPICS}


@dataclass(frozen=True, slots=True)
class Card:
    """Something that waits; of a guide, what it says by heading, and whom a child calls."""

    waiting: Waiting
    title: str
    handed_in: str
    topics: list[tuple[str, str]]
    calls: list[tuple[str, str]]
    pictures: tuple[str, ...]


def accepting_pages(node: Node, clamav: Path | None) -> Blueprint:
    """The page of one authority. With `clamav`, its daemon is asked about what is accepted."""
    pages = Blueprint(
        "handed_in",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/handed-in",
    )
    pages.after_request(keep_out_of_caches)
    pages.register_error_handler(UnfitPicture, not_found)

    @pages.get("")
    def waiting(authority: str) -> ResponseReturnValue:
        return _page(node, authority)

    @pages.post("/<number>/file")
    def file(authority: str, number: str) -> ResponseReturnValue:
        """A file to be saved: no browser shows it here, whatever it is."""
        try:
            with writing(node.node_db) as connection:
                one, kind, content = read_document_waiting(
                    connection, node, g.who, authority, _known(number)
                )
        except NothingWaits as error:
            return _page(node, authority, error=error), HTTPStatus.CONFLICT
        answer = Response(content, mimetype=kind)
        name = f"Handed in {one.urn}{ENDINGS[kind][0]}"
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        answer.headers["Content-Security-Policy"] = SAVED
        return answer

    @pages.get("/<number>/pictures/<file>")
    def picture(authority: str, number: str, file: str) -> ResponseReturnValue:
        place = int(file) if re.fullmatch("[0-9]", file) else abort(HTTPStatus.NOT_FOUND)
        try:
            data = picture_waiting(node, g.who, authority, _known(number), place)
        except NothingWaits:
            abort(HTTPStatus.NOT_FOUND)
        return Response(data, mimetype="image/jpeg")

    @pages.post("/<number>/accept")
    def accept_one(authority: str, number: str) -> ResponseReturnValue:
        try:
            accept(node, g.who, authority, _known(number), clamav)
        except (NothingWaits, UnfitPicture, Unfit, Refused) as error:
            return _page(node, authority, number, error), HTTPStatus.CONFLICT
        return _back(authority, "accepted")

    @pages.post("/<number>/return")
    def return_one(authority: str, number: str) -> ResponseReturnValue:
        reason = request.form.get("reason", "")
        try:
            with writing(node.node_db) as connection:
                give_back(connection, node, g.who, authority, _known(number), reason)
        except ReasonWanted as error:
            return _page(node, authority, number, error), HTTPStatus.BAD_REQUEST
        except NothingWaits as error:
            return _page(node, authority, error=error), HTTPStatus.CONFLICT
        return _back(authority, "returned")

    return pages


def _known(number: str) -> str:
    return number if _NUMBER.fullmatch(number) else abort(HTTPStatus.NOT_FOUND)


def _page(node: Node, authority: str, number: str = "", error: Exception | None = None) -> str:
    with reading(node.node_db) as connection:
        every = waiting_for(connection, g.who, authority)
        cards = [
            _card(
                one,
                read_guide_waiting(connection, node, one.id) if one.kind == "guide" else None,
            )
            for one in every
        ]
    beside = f"reason-{number}" if isinstance(error, ReasonWanted) else f"waiting-{number}"
    known = any(one.id == number for one in every)
    return render_template(
        "accepting/waiting.html",
        authority=authority,
        called=authority_name(authority),
        cards=cards,
        typed={number: request.form.get("reason", "")},
        problems={beside if known else "main-content": str(error)} if error else {},
        done=_DONE.get(request.args.get("done", "")),
    )


def _card(one: Waiting, guide: GuideHandIn | None) -> Card:
    title = "Children’s guide" if guide else "Full statement of purpose"
    contacts = (("To complain", guide.complaints), ("An advocate", guide.advocacy)) if guide else ()
    return Card(
        waiting=one,
        title=f"{title}, URN {one.urn}",
        handed_in=f"By {one.handed_in_by}, {at(one.handed_in_at)}",
        topics=[(_HEADINGS[topic.topic], topic.text) for topic in guide.topics] if guide else [],
        calls=[(what, f"{who.name}, {who.telephone}") for what, who in contacts if who],
        pictures=guide.pictures if guide else (),
    )


def _back(authority: str, done: str) -> ResponseReturnValue:
    there = url_for("handed_in.waiting", authority=authority, done=done)
    return redirect(there, HTTPStatus.SEE_OTHER)
