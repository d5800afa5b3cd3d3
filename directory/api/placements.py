"""Placements of one authority, for its own case system: give, list, read with a reason, export."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from sqlalchemy import Connection

from directory.api.answering import PERSONAL, answer, page_of, with_links
from directory.api.examples import PLACEMENTS_GIVEN
from directory.api.fields import AUTHORITY, CHILD, Page, Paging, of
from directory.api.from_structs import schema_of
from directory.api.notices import IN_AUTHORITY, ReasonHeader
from directory.api.once import Done, IdempotencyHeader, once
from directory.api.surface import PREFIX, api, problems, this_node
from directory.placing.exporting.rows import export
from directory.placing.importing.given import (
    GivenPlacement,
    GivenPlacements,
    draft_of_given,
    given_of,
)
from directory.placing.importing.service import store
from directory.placing.register.service import placements, read_placement
from directory.placing.register.values import Kept
from federation import reading, writing
from protocols.problems import Problem

_PLACEMENTS_OF = "/authorities/<authority>/placements"
_STATES = ("planned", "live", "ended")
_RELATIONS = ("in area", "out of area", "at a distance")
_PLACEMENT = {
    "in": "path",
    "name": "placement",
    "description": "Id of the placement.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
}


def _maybe(field: type[fields.Field[Any]], says: str, **more: Any) -> fields.Field[Any]:
    return field(required=True, allow_none=True, metadata=of(AUTHORITY, says), **more)


class PlacementLine(Schema):
    """A placement, without the child."""

    id = fields.String(required=True, metadata=of(AUTHORITY, "Id of the placement."))
    state = fields.String(
        required=True, validate=validate.OneOf(_STATES), metadata=of(AUTHORITY, "How it stands.")
    )
    area = _maybe(fields.String, "GSS code of the authority of the area; null: not known.")
    relation = _maybe(
        fields.String,
        "How it lies to the placing authority; null: not known.",
        validate=validate.OneOf(_RELATIONS),
    )
    starts_on = fields.Date(required=True, metadata=of(AUTHORITY, "The first day."))
    ends_on = _maybe(fields.Date, "The last day, of one that ended; null then: it never began.")
    emergency = fields.Boolean(required=True, metadata=of(AUTHORITY, "Whether it was one."))
    notice = _maybe(fields.String, "Id of the notice to the area authority; null: none was sent.")
    changed_at = fields.AwareDateTime(required=True, metadata=of(AUTHORITY, "The last change."))


class PlacementLines(Page):
    """A page of the placements, the latest start first."""

    placements = fields.List(
        fields.Nested(PlacementLine, metadata=of(AUTHORITY, "One of them.")),
        required=True,
        metadata=of(AUTHORITY, "What is in the register."),
    )


class WholePlacement(PlacementLine):
    """A placement with its child."""

    says = fields.Nested(
        schema_of(GivenPlacement), required=True, metadata=of(CHILD, "All that is kept of it.")
    )


class ExportedPlacement(PlacementLine):
    """What became of a placement."""

    identifier = fields.String(
        required=True, metadata=of(CHILD, "The authority's own identifier of the child.")
    )
    relation_corrected = fields.Boolean(
        required=True, metadata=of(AUTHORITY, "Whether a person corrected how it lies.")
    )
    approval = _maybe(fields.String, "Approved, refused or exempt; null: not decided here.")
    told_at = _maybe(fields.AwareDateTime, "When the notice was queued.")
    acknowledged_at = _maybe(fields.AwareDateTime, "When the area authority answered it.")


class Export(Page):
    """A page of what became of the placements, the latest start first."""

    placements = fields.List(
        fields.Nested(ExportedPlacement, metadata=of(CHILD, "One of them.")),
        required=True,
        metadata=of(CHILD, "What became of each."),
    )


class Trouble(Schema):
    """What of a placement does not fit, or wants a look."""

    placement = fields.Integer(
        required=True, metadata=of(AUTHORITY, "Which of those given, from 1.")
    )
    field = fields.String(required=True, metadata=of(AUTHORITY, "The member that is wrong."))
    reason = fields.String(
        required=True,
        metadata=of(AUTHORITY, "What is wrong, by which rule, and whether it was left out."),
    )


class Left(Schema):
    """What was said otherwise than the register has it, and stays as the register has it."""

    placement = fields.Integer(
        required=True, metadata=of(AUTHORITY, "Which of those given, from 1.")
    )
    what = fields.String(
        required=True,
        metadata=of(AUTHORITY, "What, and why: known as of a later day, or corrected by hand."),
    )


class Imported(Schema):
    """What giving placements did."""

    new = fields.Integer(required=True, metadata=of(AUTHORITY, "How many were not there before."))
    changed = fields.Integer(required=True, metadata=of(AUTHORITY, "How many changed otherwise."))
    ended = fields.Integer(required=True, metadata=of(AUTHORITY, "How many ended."))
    same = fields.Integer(required=True, metadata=of(AUTHORITY, "How many stay as they were."))
    left = fields.List(
        fields.Nested(Left, metadata=of(AUTHORITY, "One thing.")),
        required=True,
        metadata=of(AUTHORITY, "What stays as the register has it."),
    )
    troubles = fields.List(
        fields.Nested(Trouble, metadata=of(AUTHORITY, "One thing.")),
        required=True,
        metadata=of(AUTHORITY, "What does not fit; the other placements are kept all the same."),
    )


@api.route(_PLACEMENTS_OF, endpoint="give_placements", methods=["POST"], parameters=[IN_AUTHORITY])
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(schema_of(GivenPlacements), example=PLACEMENTS_GIVEN)
@api.response(201, Imported, headers={"Location": {"schema": {"type": "string"}}})
@problems(
    Problem.IDEMPOTENCY_KEY_WANTED,
    Problem.BAD_REQUEST,
    Problem.CONFLICT,
    Problem.INVALID,
    Problem.IDEMPOTENCY_KEY_REUSED,
)
def give(_header: dict[str, str], given: GivenPlacements, authority: str) -> Response:
    """Give placements

    Into the authority's own register, where they are held against what is there: the same twice
    changes nothing. What is known there as of a later day stays, and what was corrected by hand;
    what cannot be is left out, and the rest kept. Whose area it is follows from the postcode, the
    URN, or what is said.
    """

    def act(connection: Connection) -> Done:
        node = this_node()
        done = store(connection, node, g.who, authority, draft_of_given(node, given))
        kinds = [one.kind for one in done.changes]
        counts = {kind: kinds.count(kind) for kind in ("new", "changed", "ended")}
        said = {
            **counts,
            "same": done.same,
            "left": [{"placement": one.row, "what": one.what} for one in done.left],
            "troubles": [
                {"placement": one.row, "field": one.field, "reason": one.reason}
                for one in done.troubles
            ],
        }
        return Done(said, f"{PREFIX}/authorities/{authority}/placements")

    return once(act)


@api.route(_PLACEMENTS_OF, endpoint="placements", parameters=[IN_AUTHORITY])
@api.arguments(Paging, location="query")
@api.response(200, PlacementLines)
@problems(Problem.NOT_FOUND)
def list_placements(paging: dict[str, int], authority: str) -> Response:
    """List the placements

    Where each of them is, and nothing about a child.
    """
    with reading(this_node().node_db) as connection:
        shown, around = page_of(placements(connection, g.who, authority), **paging)
    lines = [_line(one) for one in shown]
    return with_links(
        answer({**around, "placements": lines}, PERSONAL), around["page"], around["pages"]
    )


@api.route(f"{_PLACEMENTS_OF}/export", endpoint="export_placements", parameters=[IN_AUTHORITY])
@api.arguments(Paging, location="query")
@api.arguments(ReasonHeader, location="headers")
@api.response(200, Export)
@problems(Problem.REASON_WANTED, Problem.NOT_FOUND)
def export_all(paging: dict[str, int], header: dict[str, str], authority: str) -> Response:
    """Export what became of the placements

    Each by the authority's own identifier of the child, so it needs a reason; the look is in the
    audit.
    """
    with writing(this_node().node_db) as connection:
        rows = export(connection, this_node(), g.who, authority, header["reason"])
    shown, around = page_of(rows, **paging)
    found = [
        {"id": one.placement}
        | {name: getattr(one, name) for name in one.__dataclass_fields__ if name != "placement"}
        for one in shown
    ]
    return with_links(
        answer({**around, "placements": found}, PERSONAL), around["page"], around["pages"]
    )


@api.route(
    f"{_PLACEMENTS_OF}/<placement>",
    endpoint="placement",
    parameters=[IN_AUTHORITY, _PLACEMENT],
)
@api.arguments(ReasonHeader, location="headers")
@api.response(200, WholePlacement)
@problems(Problem.REASON_WANTED, Problem.NOT_FOUND, Problem.GONE)
def one(header: dict[str, str], authority: str, placement: str) -> Response:
    """Read a placement

    All of it, so it needs a reason; the look is in the audit.
    """
    with writing(this_node().node_db) as connection:
        whole = read_placement(
            connection, this_node(), g.who, authority, placement, header["reason"]
        )
    return answer({**_line(whole.kept), "says": given_of(whole)}, PERSONAL)


def _line(one: Kept) -> dict[str, object]:
    course = one.course
    return {
        "id": one.id,
        "state": course.state,
        "area": course.area,
        "relation": course.relation,
        "starts_on": course.starts_on,
        "ends_on": course.ends_on,
        "emergency": course.emergency,
        "notice": one.notice,
        "changed_at": one.changed_at,
    }
