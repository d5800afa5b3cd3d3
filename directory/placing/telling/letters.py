"""What a letter says: what the rules let this recipient be told of a placement, and nothing else.

A letter is made when it is printed or opened, and lies nowhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from directory.country.authorities.service import authority_name
from directory.country.rules.table import rules_for
from directory.homes.labels import day
from directory.notices.labels import LEGAL_STATUSES, SETTINGS, reference
from directory.placing.register.values import Whole
from directory.placing.telling.values import Telling
from protocols.notices import Contact


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a letter's table. `prose` keeps its paragraphs."""

    key: str
    value: str
    prose: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter: to whom (lines), what it is about, what it says, and by which rule."""

    sender: str
    reference: str
    to: Sequence[str]
    heading: str
    said: Sequence[str]
    lines: Sequence[Line]
    source: str
    wanting: Sequence[str]
    """What it should say, and the register does not know yet."""


def letter_for(whole: Whole, one: Telling) -> Letter:
    """The letter to somebody who has to be told."""
    lines = [line for code in one.rule.says for line in _LINES[code](whole, one)]
    to = [one.reach.name or one.rule.name, *(one.reach.address or "").split(", ")]
    sender = authority_name(whole.kept.authority)
    source = rules_for(whole.kept.authority).in_full(one.rule.source)
    return Letter(
        sender=sender,
        reference=reference(one.id),
        to=[line for line in to if line],
        heading=_heading(one),
        said=_said(sender, one, source),
        lines=[line for line in lines if line.value],
        source=source,
        wanting=[line.key for line in lines if not line.value],
    )


def _heading(one: Telling) -> str:
    if one.rule.code == "child":
        return "Where you are going to live" if one.event == "placement" else "You are moving on"
    return "Notice of a placement" if one.event == "placement" else "A placement ends"


def _said(sender: str, one: Telling, source: str) -> Sequence[str]:
    if one.rule.code == "child":
        told = "where you live" if one.event == "placement" else "when you move"
        return (
            f"{sender} looks after you, and this letter tells you {told}.",
            "You can say what you think of it. The person named below will listen, and can find "
            "you an advocate: somebody who is on your side.",
        )
    what = "has placed" if one.event == "placement" else "ends the placement of"
    return (
        f"{sender} {what} a child whom it looks after, and has to tell you in writing ({source}).",
        "This letter is confidential. Keep it where only those read it who need it for their work, "
        "or for the child.",
    )


def _name(whole: Whole, _one: Telling) -> list[Line]:
    name = " ".join(filter(None, (whole.child.given_name, whole.child.family_name)))
    return [Line("Name", name)]


def _child(whole: Whole, one: Telling) -> list[Line]:
    born = whole.child.born_on
    return [*_name(whole, one), Line("Date of birth", day(born) if born else "")]


def _arrangements(whole: Whole, one: Telling) -> list[Line]:
    course, facts = whole.kept.course, whole.facts
    kind = SETTINGS[facts.setting] if facts.setting else ""
    lines = [Line("Kind of placement", kind), Line("From", day(course.starts_on))]
    if one.event == "ending" and course.ends_on:
        lines.append(Line("Until", day(course.ends_on)))
    elif facts.expected_end:
        lines.append(Line("Expected until", day(facts.expected_end)))
    return lines


def _address(whole: Whole, one: Telling) -> list[Line]:
    # Of an end, where the child lived; where the child goes, the next placement's letter says.
    return [Line("Address", whole.facts.address or "")] if one.event == "placement" else []


def _legal_status(whole: Whole, _one: Telling) -> list[Line]:
    status = whole.child.legal_status or ""
    return [Line("Legal status", LEGAL_STATUSES.get(status, status))]


def _social_worker(whole: Whole, _one: Telling) -> list[Line]:
    return [
        Line("Whom to call", _called(whole.facts.social_worker), prose=True),
        Line("Out of hours", _called(whole.facts.out_of_hours), prose=True),
    ]


def _document(name: str, key: str) -> Callable[[Whole, Telling], list[Line]]:
    def lines(whole: Whole, one: Telling) -> list[Line]:
        if one.event == "ending":
            return []
        return [Line(key, getattr(whole.facts, name) or "", prose=True)]

    return lines


def _called(one: Contact | None) -> str:
    return "\n".join(filter(None, (one.name, one.role, one.telephone, one.email))) if one else ""


_LINES: Mapping[str, Callable[[Whole, Telling], list[Line]]] = MappingProxyType(
    {
        "name": _name,
        "child": _child,
        "arrangements": _arrangements,
        "address": _address,
        "legal status": _legal_status,
        "social worker": _social_worker,
        "assessment of needs": _document("assessment_of_needs", "Assessment of needs"),
        "why most suitable": _document(
            "why_most_suitable", "Why this placement is the most suitable"
        ),
        "care plan": _document("care_plan", "Care plan"),
    }
)
"""What a code in the rules' table stands for in a letter."""
