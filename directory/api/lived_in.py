"""What lists have changed about homes in which children live, for an authority's systems."""

from flask import Response, g
from marshmallow import Schema, fields, validate
from sqlalchemy import Connection

from directory.alerts.changed import look, mark_seen
from directory.alerts.living import Side
from directory.api.answering import PERSONAL, answer
from directory.api.changes import LARGEST_ID, ChangedHome, shown_change
from directory.api.fields import CONFIDENTIAL, MEMBERS, WholeNumber, of
from directory.api.notices import IN_AUTHORITY
from directory.api.once import Done, IdempotencyHeader, once
from directory.api.surface import PREFIX, api, problems, this_node
from federation import writing
from protocols.problems import Problem

_PLACED = "/authorities/<authority>/changes/where-placed"
_TOLD = "/authorities/<authority>/changes/where-told"
_WRITE = (
    Problem.IDEMPOTENCY_KEY_WANTED,
    Problem.BAD_REQUEST,
    Problem.NOT_FOUND,
    Problem.CONFLICT,
    Problem.INVALID,
    Problem.IDEMPOTENCY_KEY_REUSED,
)


class LivedIn(Schema):
    """A home in which children live, or will, that lists show otherwise than before."""

    urn = fields.String(required=True, metadata=of(MEMBERS, "Ofsted's number of the home."))
    here = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=of(CONFIDENTIAL, "How many children live there, restricted records left out."),
    )
    coming = fields.Integer(
        required=True, validate=validate.Range(0), metadata=of(CONFIDENTIAL, "How many will.")
    )
    changes = fields.List(
        fields.Nested(ChangedHome, metadata=of(MEMBERS, "One of them.")),
        required=True,
        metadata=of(MEMBERS, "What was changed, the newest first."),
    )


class LivedInHomes(Schema):
    """What the token's system has not marked as seen; of the last 90 days, where it never has."""

    homes = fields.List(
        fields.Nested(LivedIn, metadata=of(CONFIDENTIAL, "One of them.")),
        required=True,
        metadata=of(CONFIDENTIAL, "The homes, the newest change first."),
    )


class SeenUpTo(Schema):
    """How far it was seen."""

    newest = WholeNumber(
        required=True,
        validate=validate.Range(1, LARGEST_ID),
        metadata=of(MEMBERS, "Id of the newest change that was seen."),
    )


@api.route(_PLACED, endpoint="where_placed", parameters=[IN_AUTHORITY])
@api.response(200, LivedInHomes)
@problems(Problem.NOT_FOUND)
def list_where_placed(authority: str) -> Response:
    """List changed homes where the authority's children live

    By its register of placements: how many, never who. The look is in the audit.
    """
    return _listed(authority, "placing")


@api.route(
    f"{_PLACED}/seen", endpoint="where_placed_seen", methods=["POST"], parameters=[IN_AUTHORITY]
)
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(SeenUpTo)
@api.response(201, SeenUpTo, headers={"Location": {"schema": {"type": "string"}}})
@problems(*_WRITE)
def mark_where_placed(_header: dict[str, str], said: dict[str, int], authority: str) -> Response:
    """Mark changed homes where the authority's children live as seen

    By the token's system alone: people see them until they have seen them themselves.
    """
    return _marked(authority, "placing", said["newest"], _PLACED)


@api.route(_TOLD, endpoint="where_told", parameters=[IN_AUTHORITY])
@api.response(200, LivedInHomes)
@problems(Problem.NOT_FOUND)
def list_where_told(authority: str) -> Response:
    """List changed homes of the area where children live

    By notices that the authority received, and what homes say: how many, never who. The look is in
    the audit.
    """
    return _listed(authority, "area")


@api.route(f"{_TOLD}/seen", endpoint="where_told_seen", methods=["POST"], parameters=[IN_AUTHORITY])
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(SeenUpTo)
@api.response(201, SeenUpTo, headers={"Location": {"schema": {"type": "string"}}})
@problems(*_WRITE)
def mark_where_told(_header: dict[str, str], said: dict[str, int], authority: str) -> Response:
    """Mark changed homes of the area where children live as seen

    By the token's system alone: people see them until they have seen them themselves.
    """
    return _marked(authority, "area", said["newest"], _TOLD)


def _listed(authority: str, side: Side) -> Response:
    with writing(this_node().node_db) as connection:
        found = look(connection, this_node(), g.who, authority, side)
    content = [
        {
            "urn": one.urn,
            "here": len(one.living.here),
            "coming": len(one.living.coming),
            "changes": [shown_change(change) for change in one.changes],
        }
        for one in found
    ]
    return answer({"homes": content}, PERSONAL)


def _marked(authority: str, side: Side, newest: int, path: str) -> Response:
    def act(connection: Connection) -> Done:
        mark_seen(connection, this_node(), g.who, authority, side, newest)
        return Done({"newest": newest}, PREFIX + path.replace("<authority>", authority))

    return once(act)
