"""Askings and answers, as pages show them."""

from dataclasses import dataclass

from directory.country.authorities.service import authority_name
from directory.providers.documents.answering import Asked
from directory.providers.documents.asking import Asking
from directory.security.rights.principal import Principal
from directory.web.wording import at

_ENDED = {"refused": ("Refused", "red"), "ended": ("Over: destroyed here", "grey")}
_DECIDED = {
    "waiting": ("Waits for you", "yellow"),
    "given": ("Given", "green"),
    "refused": ("Refused", "red"),
}


@dataclass(frozen=True, slots=True)
class AskingLine:
    """A document that was asked for; `is_open` where who looks may download it, and `waits` where
    they wait for it.
    """

    id: str
    urn: str
    area: str
    state: str
    colour: str
    asked: str
    note: str
    is_open: bool
    waits: bool


def asking_line(one: Asking, who: Principal) -> AskingLine:
    """A document that somebody of an authority asked for."""
    state, colour = _state(one)
    note = one.refusal
    if one.state == "here" and one.ends_at:
        note = f"It is destroyed here on {at(one.ends_at)}"
    return AskingLine(
        id=one.id,
        urn=one.urn,
        area=authority_name(one.area),
        state=state,
        colour=colour,
        asked=f"By {one.asked_name} on {at(one.asked_at)}",
        note=note,
        is_open=one.state == "here" and one.asked_by == who.id,
        waits=one.state == "asked" and one.asked_by == who.id and not one.is_lost,
    )


def _state(one: Asking) -> tuple[str, str]:
    area = authority_name(one.area)
    if one.state in _ENDED:
        return _ENDED[one.state]
    if one.state == "here":
        return "Here", "green"
    if one.is_lost:
        known = one.dispatch is not None and one.dispatch.problem == "unknown-schema"
        return (
            (f"The node of {area} cannot be asked yet: call them", "red")
            if known
            else (f"It did not reach {area}: ask again", "red")
        )
    arrived = one.dispatch is not None and one.dispatch.state == "stored"
    return (
        f"Asked: the answer of {area} is awaited" if arrived else f"On its way to {area}",
        "yellow",
    )


@dataclass(frozen=True, slots=True)
class AskedLine:
    """Who asked for the document of a home here."""

    number: str
    urn: str
    asker: str
    asked_by: str
    asked: str
    state: str
    colour: str
    decided: str
    reason: str
    is_waiting: bool


def asked_line(one: Asked) -> AskedLine:
    """What another authority asked."""
    state, colour = _DECIDED[one.state]
    by = one.decided_by or "by the rule"
    return AskedLine(
        number=one.number,
        urn=one.urn,
        asker=authority_name(one.asker),
        asked_by=one.asked_by,
        asked=at(one.asked_at),
        state=state,
        colour=colour,
        decided=f"{by}, {at(one.decided_at)}" if one.decided_at else "",
        reason=one.reason,
        is_waiting=one.state == "waiting",
    )
