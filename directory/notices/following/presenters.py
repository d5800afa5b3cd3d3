"""What follows a notice as pages show it: where each message is, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from directory.country.reference.working_days import london_day
from directory.country.rules.deadlines import due
from directory.homes.labels import day
from directory.notices.entered import EnteredChild
from directory.notices.following.labels import (
    CHANGE_KINDS,
    ENDED_BY,
    ENDED_FOR,
    KINDS,
    MEMBERS,
    WITHDRAWN_FOR,
)
from directory.notices.following.listing import After
from directory.notices.labels import LEGAL_STATUSES, REFUSALS, SETTINGS
from directory.notices.looking import Opened
from directory.notices.now import Difference, Now, Step
from directory.notices.presenters import File, files
from directory.web.wording import at
from federation import DEAD, Dispatch, Node
from protocols.notices import Child, Contact, Placement
from protocols.placements import PlacementChange, PlacementEnding, Withdrawal, WithdrawalAnswer

NOT_SAID = "Not said"


@dataclass(frozen=True, slots=True)
class Line:
    """Something said after a notice, without the child; `dead`: it can be sent again."""

    message: str
    kind: str
    at: str
    by: str
    tag: str
    colour: str
    said: str
    dead: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What one thing was, and is now. Lines of text each."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Told:
    """A step: what was said, when, by whom, in sentences, what it changed, and its files."""

    heading: str
    said_at: str
    by: str
    sentences: Sequence[str]
    rows: Sequence[Row]
    message: str
    files: Sequence[File]


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and its answers, each with who said it and when."""

    message: str
    text: str
    by: str
    answers: Sequence[tuple[str, str]]


def lines(after: Sequence[After], other: str) -> list[Line]:
    """What followed a notice; `other` is the name of the authority at the other end."""
    return [_line(one, other) for one in after]


def history(opened: Opened, node: Node, placing: str) -> list[Told]:
    """What the placing authority has said since, in its order, with old and new."""
    return [
        _told(step, node, placing, files(opened.after.get(step.event.message, ())))
        for step in opened.now.steps
    ]


def questions(now: Now) -> list[Answered]:
    """What was asked back, in order."""
    return [
        Answered(
            one.message,
            one.question.text,
            f"{_person(one.question.asked_by)}, {at(one.question.asked_at)}",
            [
                (each.text, f"{_person(each.answered_by)}, {at(each.answered_at)}")
                for each in one.answers
            ],
        )
        for one in now.asked
    ]


def state(ended_on: date | None, withdrawn_at: datetime | None, today: date) -> str | None:
    """What has become of a notice, in a sentence; None while it stands."""
    if withdrawn_at:
        return f"Withdrawn on {at(withdrawn_at)}. It must not be used."
    if ended_on is None:
        return None
    return f"The placement {'ends' if ended_on > today else 'ended'} on {day(ended_on)}."


def timing(ending: PlacementEnding, node: Node, placing: str) -> str:
    """Whether the end was told in time: regulation 14, or what the charter has agreed."""
    told = london_day(ending.said_at)
    rules = node.charter.rules
    if not due("ending", placing, ending.ended_on, rules).is_late(told):
        return f"Told on {day(told)}, before the placement ended: in time (regulation 14)."
    last = due("ending", placing, ending.ended_on, rules, late=True)
    verdict = "late" if last.is_late(told) else "in time where it was not practicable before"
    return (
        f"Told on {day(told)}, not before the placement ended. It was then due by "
        f"{day(last.day)}: {verdict} (regulation 14; {last.words})."
    )


def _line(one: After, other: str) -> Line:
    tag, colour, said = _where(one.dispatch, other)
    went = one.dispatch
    dead = went is not None and went.state in DEAD and went.problem != "id-reused"
    return Line(one.message, KINDS[one.kind], at(one.at), one.by, tag, colour, said, dead)


def _where(dispatch: Dispatch | None, other: str) -> tuple[str, str, str]:
    if dispatch is None:
        return "Came", "blue", ""
    match dispatch.state:
        case "stored":
            return "Delivered", "green", f"{other}’s node has stored it."
        case "refused" if dispatch.problem == "id-reused":
            return "Delivered", "green", f"{other}’s node had it before."
        case "refused":
            if dispatch.problem == "unknown-schema":
                said = (
                    f"{other}’s node is too old to read this. It has the notice itself, and not "
                    f"this: tell {other} by telephone today, and note whom you told. Once their "
                    "node is upgraded, send it again."
                )
                return "Refused", "red", said
            why = REFUSALS.get(dispatch.problem, dispatch.problem)  # type: ignore[call-overload]
            said = f"{other}’s node refused it: {why}. Tell {other} by telephone today."
            return "Refused", "red", said
        case "expired":
            said = f"{other}’s node could not be reached for 28 days. Tell them by telephone."
            return "Not delivered", "red", said
    return "Waiting", "yellow", dispatch.problem or ""


def _told(step: Step, node: Node, placing: str, attached: Sequence[File]) -> Told:
    body, rows = step.event.body, [_row(one) for one in step.differences]
    if isinstance(body, PlacementEnding):
        heading = f"Ending on {day(body.ended_on)}"
        sentences = [
            f"{'Planned' if body.planned else 'Not planned'}. {ENDED_FOR[body.why]}.",
            f"Notice was given by: {ENDED_BY[body.given_by]}"
            + (f", on {day(body.given_on)}." if body.given_on else "."),
            timing(body, node, placing),
        ]
        if body.said:
            sentences.append(body.said)
    elif isinstance(body, Withdrawal):
        heading = "Withdrawn"
        sentences = [f"{WITHDRAWN_FOR[body.why]}.", f"Call {_person(body.contact)}."]
        if body.said:
            sentences.append(body.said)
    elif isinstance(body, PlacementChange):
        heading = f"{CHANGE_KINDS[body.kind]}, from {day(body.since)}"
        sentences = [body.reason] if body.reason else []
        if not (rows or attached):
            sentences = [*sentences, "Nothing that this changes was otherwise before."]
    else:
        raise TypeError(type(body))
    return Told(
        *(heading, at(body.said_at), step.event.by, sentences, rows),
        *(step.event.message, attached),
    )


def contained(answer: WithdrawalAnswer | None) -> list[str]:
    """What the other authority says became of a withdrawn notice there."""
    if answer is None:
        return []
    people = f"{answer.opened_by} {'person' if answer.opened_by == 1 else 'people'}"
    said = [
        f"{'Contained' if answer.contained else 'Not contained yet'}, said on "
        f"{at(answer.answered_at)}. Opened there by {people}; "
        f"{'passed on' if answer.passed_on else 'not passed on'}.",
        f"Call {_person(answer.contact)}.",
    ]
    return [*said, answer.said] if answer.said else said


def _row(one: Difference) -> Row:
    return Row(MEMBERS[one.name], _words(one.old), _words(one.new))


def _words(value: object) -> str:
    """A member of a notice in lines."""
    if value is None:
        return NOT_SAID
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Contact):
        return "\n".join(filter(None, (value.name, value.role, value.telephone, value.email)))
    if isinstance(value, Placement):
        urn = f"URN {value.urn}" if value.urn else ""
        parts: tuple[str, ...] = (
            SETTINGS[value.setting],
            value.address,
            urn,
            f"From {day(value.starts_on)}",
        )
        return "\n".join(filter(None, parts))
    if isinstance(value, Child | EnteredChild):
        name, born = f"{value.given_name} {value.family_name}", value.born_on
        said = (name, f"Born on {day(born)}" if born else "", value.identifier or "")
        return "\n".join(filter(None, said))
    return LEGAL_STATUSES.get(str(value), str(value))


def _person(one: Contact) -> str:
    return f"{one.name}, {one.role}: {one.telephone}"
