"""Statements of purpose, for systems: what is published of a home's."""

from flask import Response
from marshmallow import Schema, fields, validate

from directory.api.answering import answer
from directory.api.fields import MEMBERS, of
from directory.api.from_structs import schema_of
from directory.api.homes import IN_URN
from directory.api.surface import api, problems, this_node
from directory.providers.statements.published import current_statements
from federation import Refused, reading
from protocols.problems import Problem
from protocols.statements import Statement


class StatedBy(Schema):
    """A statement as one node's log says it, and who vouches for it."""

    record = fields.Nested(
        schema_of(Statement), required=True, metadata=of(MEMBERS, "What is published of it.")
    )
    node = fields.String(required=True, metadata=of(MEMBERS, "Name of the node that vouches."))
    entry = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=of(MEMBERS, "Index of the entry in that node's log."),
    )
    published_at = fields.AwareDateTime(
        required=True, metadata=of(MEMBERS, "When that node published it.")
    )


class Statements(Schema):
    """What is published of a home's statement of purpose."""

    urn = fields.String(required=True, metadata=of(MEMBERS, "Ofsted's number of the home."))
    statements = fields.List(
        fields.Nested(StatedBy, metadata=of(MEMBERS, "One of them.")),
        required=True,
        metadata=of(MEMBERS, "More than one is a contest: two nodes say something of this URN."),
    )


@api.route("/homes/<urn>/statements", endpoint="statements", parameters=[IN_URN])
@api.response(200, Statements)
@problems(Problem.NOT_FOUND)
def list_statements(urn: str) -> Response:
    """Read a home's statement of purpose

    As members may know it, by the paragraphs of Schedule 1: what leads to the home's door is left
    out.
    """
    with reading(this_node().replica) as connection:
        found = current_statements(connection, urn)
    if not found:
        raise Refused(Problem.NOT_FOUND, "No member has published a statement of this home.")
    content = [
        {
            "record": one.record,
            "node": one.log.node,
            "entry": one.entry,
            "published_at": one.published_at,
        }
        for one in found
    ]
    return answer({"urn": urn, "statements": content})
