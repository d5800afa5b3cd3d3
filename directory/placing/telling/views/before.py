"""The page on which it is noted at once that many were told before, and undone."""

import re
from http import HTTPStatus
from typing import get_args

from flask import Blueprint, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy import func, select

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.country.rules.table import rules_for
from directory.homes.labels import day
from directory.placing.importing.models import placement_import
from directory.placing.register.models import placement
from directory.placing.telling import before
from directory.placing.telling.errors import NoSuchTelling
from directory.placing.telling.presenters import BY_HAND, EVENTS, WAYS
from directory.placing.telling.schemas import BeforeForm
from directory.placing.telling.values import Before, Event
from directory.web.forms import PARTS
from directory.web.wording import at, counted
from federation import Node, reading, writing

_ID = re.compile("[0-9a-f]{32}")
_SOURCES = {"ssda903": "a return (SSDA903)", "sheet": "a spreadsheet", "api": "the case system"}


def add_before_pages(pages: Blueprint, node: Node) -> None:
    """Put the pages on the blueprint of those of telling."""

    @pages.route("/before", methods=("GET", "POST"))
    def told_before(authority: str) -> ResponseReturnValue:
        if request.form.get("step") == "save":
            return _save(node, authority)
        return _page(node, authority, {}, "")

    @pages.post("/before/<number>/undo")
    def undo_before(authority: str, number: str) -> ResponseReturnValue:
        if not _ID.fullmatch(number):
            abort(HTTPStatus.NOT_FOUND)
        try:
            with writing(node.node_db) as connection:
                count = before.undo(connection, node, g.who, authority, number)
        except NoSuchTelling as error:
            return _page(node, authority, {"undo": str(error)}, "")
        return _page(node, authority, {}, f"{counted(count, 'recipient')} to be told again.")


def _save(node: Node, authority: str) -> ResponseReturnValue:
    form, problems = BeforeForm(london_day(node.now())), {}
    kinds, told = _chosen("kind", _kinds(authority)), _chosen("event", EVENTS)
    came_with, chosen = request.form.get("import", ""), _placements()
    try:
        said = form.load(request.form)
    except ValidationError as error:
        said, problems = {}, form.problems(error)
    if not kinds:
        problems["kind"] = "Choose who was told"
    if not told:
        problems["event"] = "Choose of what they were told"
    if not (chosen or _ID.fullmatch(came_with)):
        problems["import"] = "Choose an import, or choose placements on the page Still to tell"
    if problems:
        return _page(node, authority, problems, "")
    events: tuple[Event, ...] = tuple(one for one in get_args(Event) if one in told)
    with writing(node.node_db) as connection:
        count = before.tell_before(
            connection,
            node,
            g.who,
            authority,
            Before(tuple(kinds), events, said["how"], said["told_on"], said["by"], said["because"]),
            chosen=chosen,
            came_with=None if chosen else came_with,
        )
    return _page(node, authority, {}, f"{counted(count, 'recipient')} noted as told.")


def _page(node: Node, authority: str, problems: dict[str, str], done: str) -> ResponseReturnValue:
    kinds = _kinds(authority)
    with reading(node.node_db) as connection:
        noted = before.noted_before(connection, node, g.who, authority)
        table = placement_import.c
        imports = connection.execute(
            select(
                table.id, table.source, table.as_at, table.made_at, func.count().label("placements")
            )
            .join(placement, placement.c.came_with == table.id)
            .where(table.authority == authority)
            .group_by(table.id, table.source, table.as_at, table.made_at)
            .order_by(table.made_at.desc(), table.id)
        ).all()
    page = render_template(
        "telling/before.html",
        authority=authority,
        called=authority_name(authority),
        chosen=_placements(),
        imports={
            row.id: f"{counted(row.placements, 'placement')} from {_SOURCES[row.source]} as of "
            f"{day(row.as_at)}, imported on {at(row.made_at)}"
            for row in imports
        },
        kinds=kinds,
        events=EVENTS,
        ways=BY_HAND,
        ticked={"kind": _chosen("kind", kinds), "event": _chosen("event", EVENTS)},
        typed=request.form if problems else {"import": request.values.get("import", "")},
        problems=problems,
        done=done,
        first_parts={"told_on": f"told_on-{PARTS[0]}"},
        noted=[
            (
                one,
                ", ".join(kinds.get(kind, kind) for kind in one.kinds),
                f"told on {day(one.told_on)} by {one.facts.by}: {WAYS[one.how]}",  # type: ignore[index]
                f"{counted(one.count, 'recipient')}, noted by {one.made_by} on {at(one.made_at)}",
            )
            for one in noted
        ],
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _kinds(authority: str) -> dict[str, str]:
    return {rule.code: rule.name for rule in rules_for(authority).recipients}


def _chosen(field: str, known: object) -> list[str]:
    return [one for one in request.form.getlist(field) if one in known]  # type: ignore[operator]


def _placements() -> list[str]:
    return [one for one in request.form.getlist("placement")[:500] if _ID.fullmatch(one)]
