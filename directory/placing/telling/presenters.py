"""Who has to be told, as pages show it: by when, told or not, in words and a colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from directory.country.authorities.service import authority_name
from directory.country.rules.deadlines import Due
from directory.homes.labels import day
from directory.notices.labels import reference
from directory.placing.telling.overview import Open
from directory.placing.telling.values import UNOPENED, Event, How, Link, State, Telling
from directory.web.wording import at, counted

BY_HAND: Mapping[str, str] = MappingProxyType(
    {
        "letter": "Letter by post",
        "by hand": "In writing, handed over",
        "other system": "Secure email of our own, or another system",
    }
)
"""The ways that somebody says were used."""
WAYS: Mapping[How, str] = MappingProxyType(
    {
        "node": "sealed notice",
        "letter": "letter by post",
        "page": "letter opened by a link",
        "by hand": "in writing, handed over",
        "other system": "another system",
    }
)
EVENTS: Mapping[Event, str] = MappingProxyType(
    {"placement": "The placement", "ending": "The end of the placement"}
)
SOON = timedelta(days=3)
"""After so long without anybody who opens a link, somebody here has to do something."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One of GOV.UK's coloured tags."""

    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody who has to be told."""

    id: str
    who: str
    name: str
    due: str
    tag: Tag
    said: Sequence[str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A placement of which somebody is still to be told."""

    id: str
    reference: str
    event: str
    area: str
    due: str
    tag: Tag
    left: str


def listed(one: Open, today: date) -> Listed:
    """A placement in the overview."""
    area = one.kept.course.area
    left = f"{one.left} of {counted(one.of, 'recipient')} still to be told"
    return Listed(
        id=one.kept.id,
        reference=reference(one.kept.id),
        event=EVENTS[one.event],
        area=authority_name(area) if area else "area not known",
        due=by(one.due),
        tag=_due_tag(one.due, today),
        left=f"{left}; for {one.asked} approval is asked" if one.asked else left,
    )


def row(one: Telling, now: datetime, today: date) -> Row:
    """Somebody, with what was done so far."""
    return Row(
        id=one.id,
        who=one.rule.name,
        name=one.reach.name or "Nobody named in the register yet",
        due=f"{by(one.due)}: {one.rule.source}",
        tag=_tag(one, today),
        said=[*_done(one), *_link(one.link, now)],
    )


def by(due: Due) -> str:
    """Such as "By 20 November 2026"."""
    return f"{'Before' if due.before else 'By'} {day(due.day)}"


def _tag(one: Telling, today: date) -> Tag:
    late = one.is_late(today)
    if one.state == "open":
        return _due_tag(one.due, today)
    if one.state == "told":
        return Tag("Told late", "orange") if late else Tag("Told", "green")
    return _TAGS[one.state]


_TAGS: Mapping[State, Tag] = MappingProxyType(
    {
        "asked": Tag("Approval asked", "purple"),
        "withheld": Tag("Withheld", "grey"),
        "not needed": Tag("Not needed", "grey"),
    }
)


def _due_tag(due: Due, today: date) -> Tag:
    if due.is_late(today):
        return Tag("Late", "red")
    return Tag("Due soon", "yellow") if due.day <= today + SOON else Tag("To tell", "blue")


def _done(one: Telling) -> list[str]:
    if one.state == "told" and one.told_on and one.how:
        return [f"Told on {day(one.told_on)}: {WAYS[one.how]}.", *_noted(one)]
    if one.state == "asked":
        return [f"{one.noted_by} asks that notice is withheld: {one.reason}"]
    if one.state == "withheld":
        return [f"Withheld, approved by {one.decided_by}: {one.reason}"]
    if one.state == "not needed":
        return [f"Need not be told: {one.reason}", *_noted(one)]
    return [f"Not approved by {one.decided_by}: tell them."] if one.decided_by else []


def _noted(one: Telling) -> list[str]:
    return [f"Noted by {one.noted_by}."] if one.noted_by else []


def _link(link: Link | None, now: datetime) -> list[str]:
    if link is None:
        return []
    match link.mail:
        case "queued":
            return [f"A link waits to be sent. {link.problem or ''}".strip()]
        case "failed":
            went = f"sent on {at(link.sent_at)} did not arrive" if link.sent_at else None
            said = f"The link {went or 'could not be sent'}. {link.problem}."
            return [f"{said} Correct the email address, or tell them by letter."]
        case "sent" if link.sent_at and link.ends_at:
            said = f"A link was sent on {at(link.sent_at)}, and ends on {at(link.ends_at)}."
            if link.sent_at <= now - UNOPENED:
                return [said, "Nobody has opened it. Call them, or tell them by letter."]
            return [said]
        case _:
            return []
