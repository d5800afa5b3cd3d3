"""Matching, for systems: every home held against what one child needs."""

from typing import Annotated, ClassVar

from flask import Response
from marshmallow import Schema, fields, validate
from msgspec import Meta, Struct

from directory.api.answering import PERSONAL, answer
from directory.api.fields import MEMBERS, Page, of
from directory.api.from_structs import schema_of
from directory.api.homes import Claim
from directory.api.surface import api, problems, this_node
from directory.choosing.matching.criteria import Criteria, check_criteria
from directory.choosing.matching.errors import NoSuchCriterion
from directory.choosing.matching.evidence import evidence
from directory.choosing.matching.judging import OUTCOMES
from directory.choosing.matching.service import ORDER, match
from directory.homes.claims import as_json
from federation import Refused, reading
from protocols.problems import Problem
from protocols.publication import Publication


class Needs(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one child needs, without identity, and which page of the homes to answer with."""

    publication: ClassVar = Publication.MEMBERS

    criteria: Criteria
    page: Annotated[int, Meta(ge=1, le=100_000)] = 1


class Outcome(Schema):
    """How a home stands to one criterion, in the order in which they were asked."""

    outcome = fields.String(
        required=True,
        validate=validate.OneOf(OUTCOMES),
        metadata=of(MEMBERS, "What came of it. Unknown is not 'no', and excludes no home."),
    )
    said = fields.String(required=True, metadata=of(MEMBERS, "What the home's records say to it."))
    record = fields.String(
        required=True,
        metadata=of(MEMBERS, "Which record says it, and how old that is; empty: none does."),
    )


class MatchedHome(Claim):
    """A home that fits, with the reasons."""

    outcomes = fields.List(
        fields.Nested(Outcome, metadata=of(MEMBERS, "One of them.")),
        required=True,
        metadata=of(MEMBERS, "One for each criterion."),
    )


class Excluded(Schema):
    """What an essential criterion costs."""

    criterion = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=of(MEMBERS, "Which of the criteria, from 0."),
    )
    excluded = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=of(MEMBERS, "Homes that do not meet it."),
    )
    alone = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=of(MEMBERS, "Homes that would be there if this one were desirable."),
    )


class Matches(Page):
    """A page of the homes that fit."""

    considered = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=of(MEMBERS, "How many homes were held against the criteria."),
    )
    order = fields.String(required=True, metadata=of(MEMBERS, "Which order this is, in words."))
    exclusions = fields.List(
        fields.Nested(Excluded, metadata=of(MEMBERS, "One of them.")),
        required=True,
        metadata=of(MEMBERS, "One for each essential criterion."),
    )
    homes = fields.List(
        fields.Nested(MatchedHome, metadata=of(MEMBERS, "One of them.")),
        required=True,
        metadata=of(MEMBERS, "The homes, in that order."),
    )


@api.route("/matches", methods=["POST"], endpoint="matches")
@api.arguments(schema_of(Needs))
@api.response(200, Matches)
@problems(Problem.INVALID)
def find_matches(needs: Needs) -> Response:
    """Hold every home against what one child needs

    Essential criteria exclude homes that do not meet them, desirable ones put the others in order.
    Nothing of what is sent is kept, or noted in any log.
    """
    try:
        check_criteria(needs.criteria)
    except NoSuchCriterion as error:
        raise Refused(Problem.INVALID, f"Nothing was matched. {error}") from error
    node = this_node()
    with reading(node.replica) as connection:
        found = match(connection, needs.criteria, needs.page)
    today = node.now().date()
    content = {
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "considered": found.considered,
        "order": ORDER,
        "exclusions": [
            {
                "criterion": needs.criteria.index(one.criterion),
                "excluded": one.excluded,
                "alone": one.alone,
            }
            for one in found.exclusions
        ],
        "homes": [
            as_json(one.home)
            | {
                "outcomes": [
                    {"outcome": outcome, "said": why.said, "record": why.record}
                    for criterion, outcome in zip(needs.criteria, one.outcomes, strict=True)
                    for why in [evidence(criterion, one.home, today)]
                ]
            }
            for one in found.homes
        ],
    }
    return answer(content, PERSONAL)
