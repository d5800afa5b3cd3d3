"""Stays, and what homes and placing authorities say of them, as pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from directory.country.authorities.service import authority_name
from directory.homes.labels import day
from directory.hosting.homes.answering import AskedHere
from directory.hosting.homes.asking import Asked
from directory.hosting.homes.listing import HomeSays, Section, WithoutHome
from directory.hosting.homes.residents import Stay, age_on
from directory.hosting.homes.schemas import ACCOMMODATED, MISTAKES, ORDERS
from directory.notices.labels import LEGAL_STATUSES, reference
from directory.notices.now import Now
from directory.notices.presenters import Item
from directory.web.wording import at
from federation import DEAD
from protocols.notices import Contact
from protocols.residents import HomeNotice

NOT_KNOWN = "Not known"
SECTIONS: Mapping[Section, str] = {
    "probable": "Probably the same child",
    "alone": "Told by the home, and by no placing authority",
    "missing": "Told by the placing authority, and not by the home",
    "ended": "One says that it is over, the other does not",
    "matched": "Told by both",
    "withdrawn": "Taken back by the home",
}
SAID = {
    "follows": "They answered that the notice follows",
    "unknown": "They answered that they know of no such child",
}


@dataclass(frozen=True, slots=True)
class StayLine:
    """A stay on the list of its home."""

    id: str
    name: str
    born: str
    since: str
    placed_by: str
    lives_here: bool
    left: str
    taken_back: str
    tag: str
    colour: str
    told: str


def stay_line(one: Stay, area: str, today: date) -> StayLine:
    """A stay, for the home's own staff; `area` is where the home stands."""
    tag, colour, told = _told(one, authority_name(area))
    child = one.said.resident
    return StayLine(
        id=one.id,
        name=f"{child.given_name} {child.family_name}",
        born=f"{day(child.born_on)}, {age_on(child.born_on, today)} years old",
        since=day(one.said.admitted_on),
        placed_by=authority_name(one.said.placing_authority),
        lives_here=one.lives_here,
        left=day(one.said.discharged_on) if one.said.discharged_on else "",
        taken_back=MISTAKES[one.said.withdrawn] if one.said.withdrawn else "",
        tag=tag,
        colour=colour,
        told=told,
    )


def _told(one: Stay, area: str) -> tuple[str, str, str]:
    if one.message is None:
        return "Need not be told", "grey", f"{area} placed them itself"
    if one.dispatch is None:
        return "Told", "green", f"{area} knows since {at(one.kept_at)}"
    match one.dispatch:
        case sent if sent.state == "stored" and sent.answered_at:
            return "Told", "green", f"{area} has it: signed receipt on {at(sent.answered_at)}"
        case sent if sent.state in DEAD:
            why = f"{area}’s node did not take it. Call {area} today, and save it again here"
            return "Not told", "red", why
        case _:
            return "On its way", "yellow", f"{area} has not confirmed yet that it arrived"


@dataclass(frozen=True, slots=True)
class SaysLine:
    """What a home says, or a notice of which a home says nothing, without the child."""

    number: str
    title: str
    home: str
    said: str
    note: str
    asked: str
    answer: str
    is_by_letter: bool


def line(one: HomeSays | WithoutHome, homes: Mapping[str, str]) -> SaysLine:
    """A line of any list of the area; `homes` are the names of homes by URN."""
    return says_line(one, homes) if isinstance(one, HomeSays) else without_line(one, homes)


def says_line(one: HomeSays, homes: Mapping[str, str]) -> SaysLine:
    """What a home says."""
    since = f"Lives there since {day(one.starts_on)}"
    if one.ended_on:
        since = f"Lived there from {day(one.starts_on)} to {day(one.ended_on)}"
    return SaysLine(
        number=one.number,
        title=f"Placed by {authority_name(one.placing_authority)}",
        home=homes.get(one.urn, one.urn),
        said=f"{since}. The home told us on {at(one.received_at)}.",
        note=_note(one),
        asked=_asked(one.asked),
        answer=_answer(one.asked),
        is_by_letter=one.asked is not None and one.asked.asked is None,
    )


def without_line(one: WithoutHome, homes: Mapping[str, str]) -> SaysLine:
    """A notice of which the home has told nothing."""
    return SaysLine(
        number=one.notice,
        title=f"Placed by {authority_name(one.placing_authority)}",
        home=homes.get(one.urn, one.urn),
        said=f"By its notice {reference(one.notice)}, since {day(one.starts_on)}.",
        note="",
        asked=_asked(one.asked),
        answer=_answer(one.asked),
        is_by_letter=one.asked is not None and one.asked.asked is None,
    )


def _note(one: HomeSays) -> str:
    if one.withdrawn_at:
        return f"The home took it back on {at(one.withdrawn_at)}: it was told by mistake."
    if one.notice is None:
        return ""
    named = f"notice {reference(one.notice)}"
    if one.match == "probable":
        return f"Probably {named}. What differs: {one.differs}."
    over = ""
    if one.one_ended and one.ended_on:
        over = " The placing authority has told of no end: ask it in the notice."
    elif one.one_ended:
        over = " The placing authority says that it has ended; the home told of no discharge."
    by = f"{one.matched_by} on {at(one.matched_at)}" if one.matched_by and one.matched_at else ""
    return f"The same child as in {named}: {by or 'certain by the rule'}.{over}"


def _asked(one: Asked | None) -> str:
    if one is None:
        return ""
    how = "" if one.asked else " by letter"
    return f"Asked{how} by {one.asked_by} on {at(one.asked_at)}"


def _answer(one: Asked | None) -> str:
    if one is None or one.said is None or one.answered_at is None:
        return ""
    return f"{SAID[one.said]}: {one.answered_by}, {at(one.answered_at)}"


def said_by_home(said: HomeNotice) -> Sequence[Item]:
    """All that a home says of a stay."""
    child = said.resident
    plan = "None"
    if said.has_plan:
        plan = f"Yes, held by {authority_name(said.plan_authority or '')}"
    officer = said.reviewing_officer
    return [
        *([Item("Taken back", MISTAKES[said.withdrawn])] if said.withdrawn else []),
        Item("Name", f"{child.given_name} {child.family_name}"),
        Item("Date of birth", day(child.born_on)),
        Item("Admitted on", day(said.admitted_on)),
        *([Item("Discharged on", day(said.discharged_on))] if said.discharged_on else []),
        Item("Placing authority", authority_name(said.placing_authority)),
        Item("Whom to call there", _called(said.placing_contact), prose=True),
        Item("Reviewing officer", _called(officer) if officer else "Not known yet", prose=True),
        Item("Accommodated", ACCOMMODATED[said.accommodated]),
        Item("Order under section 31", ORDERS[said.order]),
        Item("Education, health and care plan", plan),
        Item("Told by", f"{said.told_by}, {at(said.told_at)}"),
    ]


def said_by_placing(now: Now) -> Sequence[Item]:
    """What the placing authority says of the same child, as far as the home says it too."""
    says, child = now.says, now.says.child
    people = (("Social worker", says.social_worker), ("Out of hours", says.out_of_hours))
    return [
        Item("Identifier", child.identifier or NOT_KNOWN),
        Item("Name", f"{child.given_name} {child.family_name}"),
        Item("Date of birth", day(child.born_on) if child.born_on else NOT_KNOWN),
        Item("Starts on", day(says.placement.starts_on)),
        *([Item("Ends on", day(now.ended_on))] if now.ended_on else []),
        Item("URN", says.placement.urn or "No number given"),
        Item("Address", says.placement.address),
        Item("Legal status", LEGAL_STATUSES.get(says.legal_status or "", NOT_KNOWN)),
        *(Item(role, _called(one), prose=True) for role, one in people if one),
    ]


@dataclass(frozen=True, slots=True)
class AskedLine:
    """What another authority asks of our own children, without of whom."""

    number: str
    title: str
    came: str
    answer: str


def asked_line(one: AskedHere) -> AskedLine:
    """A line of the placing authority's list."""
    answer = ""
    if one.said and one.answered_at:
        words = {"follows": "A notice follows", "unknown": "No such child is ours"}[one.said]
        answer = f"{words}: {one.answered_by}, {at(one.answered_at)}"
    return AskedLine(
        one.number, f"{authority_name(one.area)} asks for a notice", at(one.came_at), answer
    )


def _called(one: Contact) -> str:
    return "\n".join(filter(None, (one.name, one.telephone, one.email)))
