"""Clauses of section 13.1: who gets a token; an assertion works once, here, for minutes."""

from datetime import timedelta

from msgspec.json import Decoder

from federation.client import Answer
from federation.conformance.clause import Broken, NotAsked, clause
from federation.conformance.membership import Membership
from federation.conformance.visit import Visit
from federation.peers import FORM, MAX_ANSWER, Token, token_form
from protocols.encoding import decode_json
from protocols.errors import Malformed
from protocols.keys import Purpose

_token = Decoder(Token)

_REFUSED = (400, 401)


@clause("13.1/token", for_members=True)
def given(visit: Visit) -> None:
    """A member's assertion gets a token, in the form of RFC 6749 section 5.1: JSON with
    `access_token`, `token_type` `Bearer` and `expires_in`, not to be stored.
    """
    answer = _ask(visit, member(visit).assertion(visit.now()))
    _read(answer)
    if "no-store" not in answer.headers.get("Cache-Control", ""):
        raise Broken("13.1/token", "the answer may be stored: Cache-Control is not no-store")


@clause("13.1/once", for_members=True)
def once(visit: Visit) -> None:
    """An assertion that was used is refused."""
    assertion = member(visit).assertion(visit.now())
    _read(_ask(visit, assertion))
    _is_refused("13.1/once", _ask(visit, assertion), "used a second time")


@clause("13.1/audience", for_members=True)
def audience(visit: Visit) -> None:
    """An assertion for another node is refused, and so is one for several."""
    here = f"{member(visit).tried.url}/token"
    for other in ("https://other.example/token", [here, "https://other.example/token"]):
        assertion = member(visit).assertion(visit.now(), aud=other)
        _is_refused("13.1/audience", _ask(visit, assertion), f"for {other}")


@clause("13.1/lifetime", for_members=True)
def lifetime(visit: Visit) -> None:
    """An assertion that is past its time is refused, and so is one that lives over five minutes."""
    for minutes in (-10, 60):
        expires = int((visit.now() + timedelta(minutes=minutes)).timestamp())
        assertion = member(visit).assertion(visit.now(), exp=expires)
        _is_refused("13.1/lifetime", _ask(visit, assertion), f"ends in {minutes} minutes")


@clause("13.1/key", for_members=True)
def key(visit: Visit) -> None:
    """An assertion that is signed with another key than the member's access key is refused."""
    other = member(visit).keys.node_key(Purpose.LOG)
    assertion = member(visit).assertion(visit.now(), key=other)
    _is_refused("13.1/key", _ask(visit, assertion), "signed with a log key")


@clause("13.1/member", for_members=True)
def of_members(visit: Visit) -> None:
    """An assertion in the name of nobody in the charter is refused, and so is one that is signed
    by one member in the name of another.
    """
    for name in ("nobody-of-that-name", member(visit).tried.node):
        assertion = member(visit).assertion(visit.now(), iss=name, sub=name)
        _is_refused("13.1/member", _ask(visit, assertion), f"in the name of {name}")


def member(visit: Visit) -> Membership:
    """Our membership; NotAsked without one."""
    if visit.membership is None:
        raise NotAsked("only a member can ask: give its keys")
    return visit.membership


def token(visit: Visit) -> str:
    """A token of the node that is tried, the same for all of the visit."""
    if visit.token is None:
        visit.token = _read(_ask(visit, member(visit).assertion(visit.now())))
    return visit.token


def _ask(visit: Visit, assertion: str) -> Answer:
    headers = {"Content-Type": FORM, "Accept-Encoding": "identity"}
    return visit.ask("POST", "token", token_form(assertion), headers, MAX_ANSWER)


def _read(answer: Answer) -> str:
    if answer.status != 200:
        raise Broken("13.1/token", f"answered {answer.status} to a sound assertion")
    try:
        return decode_json(answer.body, _token, "token").access_token
    except Malformed as error:
        raise Broken("13.1/token", "the answer has not the form of RFC 6749") from error


def _is_refused(name: str, answer: Answer, what: str) -> None:
    if answer.status not in _REFUSED:
        raise Broken(name, f"an assertion {what} was answered {answer.status}")


TOKENS = (given, once, audience, lifetime, key, of_members)
