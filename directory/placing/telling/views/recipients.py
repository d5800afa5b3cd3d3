"""The page on which it is said who else is told of a child's placements."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from flask import Blueprint, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.notices.labels import reference
from directory.placing.telling import recipients
from directory.placing.telling.errors import NoSuchRecipient
from directory.placing.telling.schemas import RecipientForm
from directory.placing.telling.service import open_placement
from federation import Node, writing

_DONE = {
    "add": "They are kept, and are to be told.",
    "change": "What you changed is kept.",
    "remove": "They are told no more. What was noted of them stays.",
}
_FIELDS = ("kind", "name", "address", "email", "telephone")


def add_recipients_page(
    pages: Blueprint, node: Node, ask_why: Callable[[str, str], ResponseReturnValue]
) -> None:
    """Put the page on the blueprint of those of telling; `ask_why` answers who has given no reason
    yet.
    """

    @pages.route("/<placement>/recipients", methods=("GET", "POST"))
    def recipients_of(authority: str, placement: str) -> ResponseReturnValue:
        if not request.form.get("why_here"):
            return ask_why(authority, placement)
        if request.form.get("do", "") not in {"", "edit", *_DONE}:
            abort(HTTPStatus.BAD_REQUEST)
        return _page(node, authority, placement)


def _page(node: Node, authority: str, placement: str) -> ResponseReturnValue:
    do, known = request.form.get("do", ""), recipients.kinds(authority)
    form = RecipientForm(known)
    typed: Mapping[str, str] = {}
    problems: dict[str, str] = {}
    with writing(node.node_db) as connection:
        why = request.form["why_here"]
        whole = open_placement(connection, node, g.who, authority, placement, why).whole
        kind, number = request.form.get("kind", ""), _number()
        try:
            match do:
                case "edit":
                    one = recipients.one_recipient(whole, kind, number)
                    typed = {name: getattr(one, name) or "" for name in _FIELDS}
                case "add":
                    new = form.load(request.form)
                    recipients.add_recipient(connection, node, g.who, whole, new)
                case "change":
                    new = form.load(request.form)
                    recipients.change_recipient(connection, node, g.who, whole, number, new)
                case "remove":
                    recipients.remove_recipient(connection, node, g.who, whole, kind, number)
        except ValidationError as error:
            problems, typed = form.problems(error), form.typed(request.form)
        except NoSuchRecipient as error:
            problems = {"kind": str(error)}
        whole = open_placement(connection, node, g.who, authority, placement, why).whole
    changing = do == "edit" or (do == "change" and bool(problems))
    page = render_template(
        "telling/recipients.html",
        authority=authority,
        placement=placement,
        reference=reference(placement),
        held=recipients.held_recipients(whole),
        kinds=known,
        changing=changing,
        number=number,
        typed=typed,
        problems=problems,
        done="" if problems else _DONE.get(do, ""),
        why_here=why,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _number() -> int:
    text = request.form.get("number", "")
    return int(text) if text.isdecimal() and len(text) < 4 else -1
