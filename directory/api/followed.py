"""What followed a notice, for an authority's own systems: where it is, and what it says now."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate

from directory.api.answering import PERSONAL, answer
from directory.api.fields import AUTHORITY, CHILD, of
from directory.api.from_structs import schema_of
from directory.api.notices import IN_AUTHORITY, IN_NOTICE, STATES, ReasonHeader
from directory.api.surface import api, problems, this_node
from directory.notices.following.listing import After, said_after
from directory.notices.now import Now, Side
from directory.notices.received import one_received, read_received
from directory.notices.releases import as_first
from directory.notices.sent import one_sent, read_sent
from federation import reading, writing
from protocols.notices import Notice
from protocols.placements import (
    SCHEMAS,
    PlacementChange,
    PlacementEnding,
    Question,
    QuestionAnswer,
    Withdrawal,
    WithdrawalAnswer,
)
from protocols.problems import Problem

_OF = "/authorities/<authority>/notices"
SENT, RECEIVED = f"{_OF}/sent/<notice>", f"{_OF}/received/<notice>"
_LOOKS = (Problem.REASON_WANTED, Problem.NOT_FOUND, Problem.GONE)


class Followed(Schema):
    """Something said after a notice, without the child."""

    message = fields.String(required=True, metadata=of(AUTHORITY, "Id of the message."))
    kind = fields.String(
        required=True,
        validate=validate.OneOf(sorted(SCHEMAS)),
        metadata=of(AUTHORITY, "What it is; protocols/README.md has the form of each."),
    )
    at = fields.AwareDateTime(
        required=True, metadata=of(AUTHORITY, "When it was said here, or came.")
    )
    by = fields.String(required=True, metadata=of(AUTHORITY, "Who said it, or which node."))
    state = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(STATES),
        metadata=of(AUTHORITY, "Where it is; null: it came from the other authority."),
    )
    problem = fields.String(
        required=True,
        allow_none=True,
        metadata=of(AUTHORITY, "Why it is not there yet, or why it was refused."),
    )


class AllThatFollowed(Schema):
    """What followed a notice."""

    after = fields.List(
        fields.Nested(Followed, metadata=of(AUTHORITY, "One of them.")),
        required=True,
        metadata=of(AUTHORITY, "In the order in which it was said, or came."),
    )


class Asked(Schema):
    """A question about a notice."""

    message = fields.String(required=True, metadata=of(AUTHORITY, "Id of the message that asked."))
    question = fields.Nested(
        schema_of(Question), required=True, metadata=of(CHILD, "What was asked.")
    )
    answers = fields.List(
        fields.Nested(schema_of(QuestionAnswer), metadata=of(CHILD, "One of them.")),
        required=True,
        metadata=of(CHILD, "What was answered; none yet where it is empty."),
    )


def _one_or_none(struct: Any, description: str) -> fields.Nested:
    said = of(CHILD, description)
    return fields.Nested(schema_of(struct), required=True, allow_none=True, metadata=said)


class NoticeNow(Schema):
    """A notice as it stands."""

    says = fields.Nested(
        schema_of(Notice), required=True, metadata=of(CHILD, "Each member as last said.")
    )
    expected_end = fields.Date(
        required=True, allow_none=True, metadata=of(CHILD, "Until when it is expected to last.")
    )
    ending = _one_or_none(PlacementEnding, "Its end; it may lie ahead.")
    withdrawal = _one_or_none(Withdrawal, "Where it is there, the notice must not be used.")
    containment = _one_or_none(WithdrawalAnswer, "What became of a withdrawn notice there.")
    changes = fields.List(
        fields.Nested(schema_of(PlacementChange), metadata=of(CHILD, "One of them.")),
        required=True,
        metadata=of(CHILD, "What changed, in the order of its numbers."),
    )
    questions = fields.List(
        fields.Nested(Asked, metadata=of(CHILD, "One of them.")),
        required=True,
        metadata=of(CHILD, "What the area authority asked."),
    )


@api.route(f"{SENT}/after", endpoint="after_sent", parameters=[IN_AUTHORITY, IN_NOTICE])
@api.response(200, AllThatFollowed)
@problems(Problem.NOT_FOUND)
def after_sent(authority: str, notice: str) -> Response:
    """List what followed a notice that was sent

    Where each of it is, and nothing about a child.
    """
    return _after("sent", authority, notice)


@api.route(f"{RECEIVED}/after", endpoint="after_received", parameters=[IN_AUTHORITY, IN_NOTICE])
@api.response(200, AllThatFollowed)
@problems(Problem.NOT_FOUND)
def after_received(authority: str, notice: str) -> Response:
    """List what followed a notice that came

    Where each of it is, and nothing about a child.
    """
    return _after("received", authority, notice)


@api.route(f"{SENT}/now", endpoint="sent_now", parameters=[IN_AUTHORITY, IN_NOTICE])
@api.arguments(ReasonHeader, location="headers")
@api.response(200, NoticeNow)
@problems(*_LOOKS)
def sent_now(header: dict[str, str], authority: str, notice: str) -> Response:
    """Read what a notice that was sent says now

    With all that followed, so it needs a reason; the look is in the audit.
    """
    node, reason = this_node(), header["reason"]
    with writing(node.node_db) as connection:
        whole = read_sent(connection, node, g.who, placing=authority, notice=notice, reason=reason)
    return answer(_now(whole.now), PERSONAL)


@api.route(f"{RECEIVED}/now", endpoint="received_now", parameters=[IN_AUTHORITY, IN_NOTICE])
@api.arguments(ReasonHeader, location="headers")
@api.response(200, NoticeNow)
@problems(*_LOOKS)
def received_now(header: dict[str, str], authority: str, notice: str) -> Response:
    """Read what a notice that came says now

    With all that followed, so it needs a reason; the look is in the audit.
    """
    node, reason = this_node(), header["reason"]
    with writing(node.node_db) as connection:
        whole = read_received(connection, node, g.who, area=authority, notice=notice, reason=reason)
    return answer(_now(whole.now), PERSONAL)


def _after(side: Side, authority: str, notice: str) -> Response:
    with reading(this_node().node_db) as connection:
        if side == "sent":
            one_sent(connection, g.who, placing=authority, notice=notice)
        else:
            one_received(connection, g.who, area=authority, notice=notice)
        every = said_after(connection, g.who, side, authority=authority, notice=notice)
    return answer({"after": [_followed(one) for one in every]}, PERSONAL)


def _followed(one: After) -> dict[str, object]:
    return {
        "message": one.message,
        "kind": one.kind,
        "at": one.at,
        "by": one.by,
        "state": one.dispatch.state if one.dispatch else None,
        "problem": one.dispatch.problem if one.dispatch else None,
    }


def _now(now: Now) -> dict[str, object]:
    says = now.says
    return {
        "says": as_first(says) if isinstance(says, Notice) else says,
        "expected_end": now.expected_end,
        "ending": now.ending,
        "withdrawal": now.withdrawal,
        "containment": now.containment,
        "changes": [
            step.event.body for step in now.steps if isinstance(step.event.body, PlacementChange)
        ],
        "questions": [
            {"message": one.message, "question": one.question, "answers": one.answers}
            for one in now.asked
        ],
    }
