"""What follows a notice, for an authority's own systems: said, asked and answered, and read."""

from collections.abc import Callable
from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from sqlalchemy import Connection

from directory.api.answering import PERSONAL, answer
from directory.api.examples import (
    ANSWER_GIVEN,
    CHANGE_GIVEN,
    CONTAINMENT_GIVEN,
    ENDING_GIVEN,
    QUESTION_GIVEN,
    WITHDRAWAL_GIVEN,
)
from directory.api.fields import AUTHORITY, CHILD, of
from directory.api.from_structs import schema_of
from directory.api.notices import (
    IN_AUTHORITY,
    IN_NOTICE,
    STATES,
    Queued,
    ReasonHeader,
    queued,
)
from directory.api.once import Done, IdempotencyHeader, once
from directory.api.surface import PREFIX, api, problems, this_node
from directory.notices.breaches.service import people_who_looked
from directory.notices.following.asking import answer_withdrawal, ask
from directory.notices.following.given import (
    GivenChange,
    GivenContainment,
    GivenEnding,
    GivenWithdrawal,
    GivenWords,
    changes_of,
)
from directory.notices.following.listing import After, said_after
from directory.notices.following.saying import Saying
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
_SENT, _RECEIVED = f"{_OF}/sent/<notice>", f"{_OF}/received/<notice>"
_IN_QUESTION = {
    "in": "path",
    "name": "question",
    "description": "Id of the message that asked.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
}
_WRITES = (
    Problem.IDEMPOTENCY_KEY_WANTED,
    Problem.BAD_REQUEST,
    Problem.NOT_FOUND,
    Problem.GONE,
    Problem.NOT_A_MEMBER,
    Problem.CONFLICT,
    Problem.INVALID,
    Problem.IDEMPOTENCY_KEY_REUSED,
)
_LOOKS = (Problem.REASON_WANTED, Problem.NOT_FOUND, Problem.GONE)
_LOCATION = {"Location": {"schema": {"type": "string"}}}


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


@api.route(
    f"{_SENT}/changes",
    endpoint="say_change",
    methods=["POST"],
    parameters=[IN_AUTHORITY, IN_NOTICE],
)
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(schema_of(GivenChange), example=CHANGE_GIVEN)
@api.response(201, Queued, headers=_LOCATION)
@problems(*_WRITES)
def change(_header: dict[str, str], given: GivenChange, authority: str, notice: str) -> Response:
    """Say what has changed

    Or was wrong, or that the placement goes on. Where the child moves into another authority's
    area, end the placement instead, and send a notice there.
    """
    return _say(authority, notice, lambda saying: saying.change(changes_of(given)))


@api.route(
    f"{_SENT}/ending",
    endpoint="say_ending",
    methods=["POST"],
    parameters=[IN_AUTHORITY, IN_NOTICE],
)
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(schema_of(GivenEnding), example=ENDING_GIVEN)
@api.response(201, Queued, headers=_LOCATION)
@problems(*_WRITES)
def end(_header: dict[str, str], given: GivenEnding, authority: str, notice: str) -> Response:
    """Say that a placement ends

    Before it ends, or else within ten working days (regulation 14). It may be said again where the
    day changes.
    """
    said = {name: getattr(given, name) for name in given.__struct_fields__}
    return _say(authority, notice, lambda saying: saying.end(**said))


@api.route(
    f"{_SENT}/withdrawal",
    endpoint="say_withdrawal",
    methods=["POST"],
    parameters=[IN_AUTHORITY, IN_NOTICE],
)
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(schema_of(GivenWithdrawal), example=WITHDRAWAL_GIVEN)
@api.response(201, Queued, headers=_LOCATION)
@problems(*_WRITES)
def withdraw(
    _header: dict[str, str], given: GivenWithdrawal, authority: str, notice: str
) -> Response:
    """Withdraw a notice

    It is marked at the receiver, and nothing there is destroyed. After `wrong authority` and `wrong
    child` a breach is open on both sides: tell your governance officer.
    """
    said = {name: getattr(given, name) for name in given.__struct_fields__}
    return _say(authority, notice, lambda saying: saying.withdraw(**said))


@api.route(
    f"{_SENT}/questions/<question>/answer",
    endpoint="give_answer",
    methods=["POST"],
    parameters=[IN_AUTHORITY, IN_NOTICE, _IN_QUESTION],
)
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(schema_of(GivenWords), example=ANSWER_GIVEN)
@api.response(201, Queued, headers=_LOCATION)
@problems(*_WRITES)
def give_answer(
    _header: dict[str, str], given: GivenWords, authority: str, notice: str, question: str
) -> Response:
    """Answer a question about a notice"""
    return _say(
        authority, notice, lambda saying: saying.answer(question, given.text, given.contact)
    )


@api.route(
    f"{_RECEIVED}/questions",
    endpoint="ask_back",
    methods=["POST"],
    parameters=[IN_AUTHORITY, IN_NOTICE],
)
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(schema_of(GivenWords), example=QUESTION_GIVEN)
@api.response(201, Queued, headers=_LOCATION)
@problems(*_WRITES)
def ask_back(_header: dict[str, str], given: GivenWords, authority: str, notice: str) -> Response:
    """Ask about a notice that came"""

    def act(connection: Connection) -> str:
        return ask(
            *(connection, this_node(), g.who),
            area=authority,
            notice=notice,
            text=given.text,
            asked_by=given.contact,
        )

    return _done(act, authority, "received", notice)


@api.route(
    f"{_RECEIVED}/containment",
    endpoint="say_contained",
    methods=["POST"],
    parameters=[IN_AUTHORITY, IN_NOTICE],
)
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(schema_of(GivenContainment), example=CONTAINMENT_GIVEN)
@api.response(201, Queued, headers=_LOCATION)
@problems(*_WRITES)
def say_contained(
    _header: dict[str, str], given: GivenContainment, authority: str, notice: str
) -> Response:
    """Say what became of a notice that was withdrawn

    How many people had opened it here is counted from the audit, and told with it.
    """
    said = {name: getattr(given, name) for name in given.__struct_fields__}

    def act(connection: Connection) -> str:
        looked = people_who_looked(connection, authority, notice)
        return answer_withdrawal(
            *(connection, this_node(), g.who),
            area=authority,
            notice=notice,
            opened_by=looked,
            **said,
        )

    return _done(act, authority, "received", notice)


@api.route(f"{_SENT}/after", endpoint="after_sent", parameters=[IN_AUTHORITY, IN_NOTICE])
@api.response(200, AllThatFollowed)
@problems(Problem.NOT_FOUND)
def after_sent(authority: str, notice: str) -> Response:
    """List what followed a notice that was sent

    Where each of it is, and nothing about a child.
    """
    return _after("sent", authority, notice)


@api.route(f"{_RECEIVED}/after", endpoint="after_received", parameters=[IN_AUTHORITY, IN_NOTICE])
@api.response(200, AllThatFollowed)
@problems(Problem.NOT_FOUND)
def after_received(authority: str, notice: str) -> Response:
    """List what followed a notice that came

    Where each of it is, and nothing about a child.
    """
    return _after("received", authority, notice)


@api.route(f"{_SENT}/now", endpoint="sent_now", parameters=[IN_AUTHORITY, IN_NOTICE])
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


@api.route(f"{_RECEIVED}/now", endpoint="received_now", parameters=[IN_AUTHORITY, IN_NOTICE])
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


def _say(authority: str, notice: str, what: Callable[[Saying], str]) -> Response:
    def act(connection: Connection) -> str:
        return what(Saying(connection, this_node(), g.who, placing=authority, notice=notice))

    return _done(act, authority, "sent", notice)


def _done(act: Callable[[Connection], str], authority: str, side: Side, notice: str) -> Response:
    there = f"{PREFIX}/authorities/{authority}/notices/{side}/{notice}/after"
    return once(lambda connection: Done(queued(act(connection)), there))


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
