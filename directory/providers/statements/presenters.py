"""Statements of purpose as pages show them: states in words, each with a colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from directory.homes.labels import day, moment
from directory.providers.statements.checking import Check, doubtful, is_stale, missing
from directory.providers.statements.drafts import Draft
from directory.providers.statements.duty import Due
from directory.providers.statements.published import Published, Rewritten, rewritten
from directory.providers.statements.schedule import PARAGRAPHS, Paragraph, parts
from directory.providers.statements.taking_out import Marked
from protocols.statements import Matter, Statement


@dataclass(frozen=True, slots=True)
class Task:
    """A section that is to be written, and how it stands with it."""

    matter: Matter
    title: str
    state: str
    colour: str


def tasks(draft: Draft, said: Check) -> dict[str, list[Task]]:
    """The sections by the Schedule's headings."""
    return {part.name: [_task(one, draft, said) for one in part.paragraphs] for part in parts()}


def _task(one: Paragraph, draft: Draft, said: Check) -> Task:
    if one.matter in said.found:
        state, colour = "Take something out", "red"
    elif one.matter in draft.to_read:
        state, colour = "Read and save", "yellow"
    elif one.matter in draft.not_applicable:
        state, colour = "Does not apply", "grey"
    elif one.matter in said.doubtful:
        state, colour = "May be incomplete", "light-blue"
    elif one.matter in draft.sections:
        state, colour = "Written", "green"
    elif one in said.missing:
        state, colour = "Not written", "blue"
    else:
        state, colour = "Not needed", "grey"
    return Task(one.matter, one.title, state, colour)


@dataclass(frozen=True, slots=True)
class Place:
    """What was found in a text, where, and why it must go."""

    text: str
    where: str
    reason: str


def places(stretches: Sequence[Marked]) -> list[Place]:
    """What must go out of a text, in order."""
    found, at = [], 0
    for one in stretches:
        if one.reasons:
            where = f"characters {at + 1} to {at + len(one.text)}"
            found.append(Place(one.text, where, "; ".join(one.reasons)))
        at += len(one.text)
    return found


def next_after(matter: Matter) -> Matter | None:
    """The matter that comes after another in the Schedule."""
    order = [one.matter for one in PARAGRAPHS]
    place = order.index(matter) + 1
    return order[place] if place < len(order) else None


def due_line(one: Due) -> str:
    """What is to be done, and by when."""
    what = (
        f"Ofsted is to be sent the revised statement by {day(one.by)}"
        if one.what == "tell"
        else f"The statement is to be reviewed by {day(one.by)}"
    )
    return f"{what}: overdue" if one.overdue else what


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading of the Schedule with what the statement says under it, by title."""

    name: str
    sections: list[tuple[Matter, str, str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A published statement as a member reads it. `lacking` and `unsaid` are what the Schedule asks
    for and the statement does not say.
    """

    node: str
    published: str
    revised: str
    reviewed: str
    stale: bool
    chapters: list[Chapter]
    lacking: list[str]
    unsaid: list[str]
    without: list[str]


def shown(one: Published, today: date) -> Shown:
    """A statement, for its page."""
    said = {section.matter: section.text for section in one.record.sections}
    chapters = [
        Chapter(
            part.name,
            [
                (each.matter, each.title, said[each.matter])
                for each in part.paragraphs
                if each.matter in said
            ],
        )
        for part in parts()
    ]
    titles = {each.matter: each.title for each in PARAGRAPHS}
    return Shown(
        node=one.log.node,
        published=moment(one.published_at),
        revised=day(one.record.revised_on),
        reviewed=day(one.record.reviewed_on),
        stale=is_stale(one.record.reviewed_on, today),
        chapters=[chapter for chapter in chapters if chapter.sections],
        lacking=[each.title for each in missing(said, one.record.not_applicable)],
        unsaid=[
            f"{titles[matter]}: {', '.join(points)}" for matter, points in doubtful(said).items()
        ],
        without=[titles[matter] for matter in one.record.not_applicable],
    )


@dataclass(frozen=True, slots=True)
class VersionCard:
    """A version, and in what it differs from the one before it."""

    title: str
    state: str
    colour: str
    dates: str
    changes: list[Rewritten]
    is_first: bool


def version_cards(versions: Sequence[Published]) -> list[VersionCard]:
    """Versions, the latest first, each beside the one that the same log held before."""
    cards = []
    for place, one in enumerate(versions):
        before = _before(one, versions[place + 1 :])
        cards.append(
            VersionCard(
                title=f"As node {one.log.node} published it on {moment(one.published_at)}",
                state="Earlier" if one.ended_at else "Current",
                colour="grey" if one.ended_at else "green",
                dates=f"Revised on {day(one.record.revised_on)}, "
                f"last reviewed on {day(one.record.reviewed_on)}",
                changes=rewritten(before, one.record) if before else [],
                is_first=before is None,
            )
        )
    return cards


def _before(one: Published, older: Sequence[Published]) -> Statement | None:
    return next((each.record for each in older if each.log.id == one.log.id), None)
