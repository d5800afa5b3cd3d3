"""Saying what follows a notice, for an authority's own systems; asking and answering."""

from collections.abc import Callable
from typing import Any

from flask import Response, g
from sqlalchemy import Connection

from directory.api.examples import (
    ANSWER_GIVEN,
    CHANGE_GIVEN,
    CONTAINMENT_GIVEN,
    ENDING_GIVEN,
    QUESTION_GIVEN,
    WITHDRAWAL_GIVEN,
)
from directory.api.followed import RECEIVED, SENT
from directory.api.from_structs import schema_of
from directory.api.notices import IN_AUTHORITY, IN_NOTICE, Queued, queued
from directory.api.once import Done, IdempotencyHeader, once
from directory.api.surface import PREFIX, View, api, problems, this_node
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
from directory.notices.following.saying import Saying
from directory.notices.now import Side
from protocols.problems import Problem

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
_LOCATION = {"Location": {"schema": {"type": "string"}}}


def _said(
    path: str, endpoint: str, given: type, example: object, *more: dict[str, Any]
) -> Callable[[View], View]:
    """A view that says something after a notice, once: what it is given, and what it answers."""

    def describe(view: View) -> View:
        view = problems(*_WRITES)(view)
        view = api.response(201, Queued, headers=_LOCATION)(view)
        view = api.arguments(schema_of(given), example=example)(view)
        view = api.arguments(IdempotencyHeader, location="headers")(view)
        parameters = [IN_AUTHORITY, IN_NOTICE, *more]
        api.route(path, endpoint=endpoint, methods=["POST"], parameters=parameters)(view)
        return view

    return describe


@_said(f"{SENT}/changes", "say_change", GivenChange, CHANGE_GIVEN)
def change(_header: dict[str, str], given: GivenChange, authority: str, notice: str) -> Response:
    """Say what has changed

    Or was wrong, or that the placement goes on. Where the child moves into another authority's
    area, end the placement instead, and send a notice there.
    """
    return _say(authority, notice, lambda saying: saying.change(changes_of(given)))


@_said(f"{SENT}/ending", "say_ending", GivenEnding, ENDING_GIVEN)
def end(_header: dict[str, str], given: GivenEnding, authority: str, notice: str) -> Response:
    """Say that a placement ends

    Before it ends, or else within ten working days (regulation 14). It may be said again where the
    day changes.
    """
    said = {name: getattr(given, name) for name in given.__struct_fields__}
    return _say(authority, notice, lambda saying: saying.end(**said))


@_said(f"{SENT}/withdrawal", "say_withdrawal", GivenWithdrawal, WITHDRAWAL_GIVEN)
def withdraw(
    _header: dict[str, str], given: GivenWithdrawal, authority: str, notice: str
) -> Response:
    """Withdraw a notice

    It is marked at the receiver, and nothing there is destroyed. After `wrong authority` and `wrong
    child` a breach is open on both sides: tell your governance officer.
    """
    said = {name: getattr(given, name) for name in given.__struct_fields__}
    return _say(authority, notice, lambda saying: saying.withdraw(**said))


@_said(f"{SENT}/questions/<question>/answer", "give_answer", GivenWords, ANSWER_GIVEN, _IN_QUESTION)
def give_answer(
    _header: dict[str, str], given: GivenWords, authority: str, notice: str, question: str
) -> Response:
    """Answer a question about a notice"""
    return _say(
        authority, notice, lambda saying: saying.answer(question, given.text, given.contact)
    )


@_said(f"{RECEIVED}/questions", "ask_back", GivenWords, QUESTION_GIVEN)
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


@_said(f"{RECEIVED}/containment", "say_contained", GivenContainment, CONTAINMENT_GIVEN)
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


def _say(authority: str, notice: str, what: Callable[[Saying], str]) -> Response:
    def act(connection: Connection) -> str:
        return what(Saying(connection, this_node(), g.who, placing=authority, notice=notice))

    return _done(act, authority, "sent", notice)


def _done(act: Callable[[Connection], str], authority: str, side: Side, notice: str) -> Response:
    there = f"{PREFIX}/authorities/{authority}/notices/{side}/{notice}/after"
    return once(lambda connection: Done(queued(act(connection)), there))
