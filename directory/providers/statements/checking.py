"""What is missing in a statement of purpose, what is stale, what has changed, and what must go.

What the Schedule asks for and the statement does not say is named, and does not hold it up: whoever
reads it is told as well. What must not be published does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from directory.homes.history import Version
from directory.homes.labels import day
from directory.intake.screening.service import Finding, screen
from directory.providers.statements.drafts import Draft
from directory.providers.statements.schedule import BY_MATTER, PARAGRAPHS, Paragraph
from protocols.entries import MAX_RECORD
from protocols.errors import ProtocolError
from protocols.records import Home, encode_record
from protocols.statements import Matter, Section, Statement

DUTY_DAYS = 28
"""Regulation 16(3)(b): within so many days of a revision Ofsted is told and sent a copy."""
REVIEW_AFTER = timedelta(days=365)
"""Regulation 16(3)(a) sets no time for reviews; a year is what homes go by."""


@dataclass(frozen=True, slots=True)
class Check:
    """`missing` and `doubtful` by matter: nothing stands there, or nothing about these points.
    `stale` and `changed` are sentences. `found` must be taken out, and `wrong` put right, before
    the statement is handed in.
    """

    missing: list[Paragraph] = field(default_factory=list)
    doubtful: dict[Matter, list[str]] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    found: dict[Matter, list[Finding]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def check(
    draft: Draft, published: Statement | None, said_of_home: Iterable[Version], today: date
) -> Check:
    """Everything that there is to say of a draft. `said_of_home` is the home's own history."""
    found = {matter: screen(text) for matter, text in draft.sections.items()}
    return Check(
        missing=missing(draft.sections, draft.not_applicable),
        doubtful=doubtful(draft.sections),
        stale=_stale(draft.reviewed_on, today),
        changed=[*_rewritten(draft, published), *since(said_of_home, draft.revised_on)],
        found={one.matter: found[one.matter] for one in PARAGRAPHS if found.get(one.matter)},
        wrong=_wrong(draft, today),
    )


def missing(sections: Mapping[Matter, str], not_applicable: Iterable[Matter]) -> list[Paragraph]:
    """The paragraphs of which nothing is said, and that may apply."""
    without = {*not_applicable, *sections}
    if "curriculum" in sections:
        without.add("schooling")
    if "schooling" in sections:
        without.add("curriculum")
    return [one for one in PARAGRAPHS if one.matter not in without]


def doubtful(sections: Mapping[Matter, str]) -> dict[Matter, list[str]]:
    """What a paragraph asks for and its text does not seem to mention."""
    found: dict[Matter, list[str]] = {}
    for matter, text in sections.items():
        said = f" {text.lower()} "
        unsaid = [
            point.what
            for point in BY_MATTER[matter].points
            if not any(word in said for word in point.words)
        ]
        if unsaid:
            found[matter] = unsaid
    return found


def is_stale(reviewed_on: date, today: date) -> bool:
    """Whether the last review is longer ago than a year."""
    return today - reviewed_on > REVIEW_AFTER


def as_statement(draft: Draft, authority: str, urn: str) -> Statement | None:
    """The record that a draft makes; None where its dates are wanting, or nothing is said."""
    if draft.revised_on is None or draft.reviewed_on is None or not draft.sections:
        return None
    said = draft.sections
    return Statement(
        urn,
        authority,
        draft.revised_on,
        draft.reviewed_on,
        tuple(Section(one.matter, said[one.matter]) for one in PARAGRAPHS if one.matter in said),
        tuple(one.matter for one in PARAGRAPHS if one.matter in draft.not_applicable),
    )


def since(versions: Iterable[Version], revised_on: date | None) -> list[str]:
    """What was said anew of the home after the statement was revised, and may concern it."""
    if revised_on is None:
        return []
    every = sorted(versions, key=lambda one: (one.published_at, one.entry))
    homes = [(one.published_at.date(), one.record) for one in every if isinstance(one.record, Home)]
    before = [record for on, record in homes if on <= revised_on]
    after = [record for on, record in homes if on > revised_on]
    if not before or not after:
        return []
    then, now = before[-1], after[-1]
    facts: tuple[tuple[str, object, object, Matter], ...] = (
        ("registered places", then.places, now.places, "accommodation"),
        ("provider", then.provider, now.provider, "people"),
        ("status", then.status, now.status, "people"),
    )
    return [
        f"The {what} of the home was {old or 'not known'} when this was revised, and is "
        f"{new or 'not known'} now. Look at “{BY_MATTER[matter].title}”."
        for what, old, new, matter in facts
        if old != new
    ]


def _stale(reviewed_on: date | None, today: date) -> list[str]:
    if reviewed_on is None or not is_stale(reviewed_on, today):
        return []
    return [
        f"The last review was on {day(reviewed_on)}, more than a year ago. The regulation asks "
        "that the statement is kept under review."
    ]


def _rewritten(draft: Draft, published: Statement | None) -> list[str]:
    if published is None:
        return []
    before = {one.matter: one.text for one in published.sections}
    return [
        f"“{one.title}” {_what_became(before.get(one.matter), draft.sections.get(one.matter))} "
        "since the version that is published."
        for one in PARAGRAPHS
        if before.get(one.matter) != draft.sections.get(one.matter)
    ]


def _what_became(before: str | None, after: str | None) -> str:
    if before is None:
        return "was added"
    return "was taken out" if after is None else "was changed"


def _wrong(draft: Draft, today: date) -> list[str]:
    said = []
    if not draft.sections:
        said.append("Nothing is written yet. Write at least one section.")
    if draft.revised_on is None or draft.reviewed_on is None:
        said.append("Say when the statement was revised, and when it was last reviewed.")
    elif draft.reviewed_on < draft.revised_on:
        said.append("The last review cannot be before the revision. Correct one of the two days.")
    elif draft.reviewed_on > today:
        said.append("The last review cannot be in the future. Correct the day.")
    said += [
        f"“{BY_MATTER[matter].title}” was filled in from a file. Open it, read it and save it."
        for matter in draft.to_read
    ]
    if (over := _bytes_over(draft)) > 0:
        said.append(
            f"The statement is too long for one record, by about {over:,} characters. Shorten it: "
            "the full document can be asked for."
        )
    return said


def _bytes_over(draft: Draft) -> int:
    record = as_statement(draft, "E00000000", "X" * 20)
    try:
        return len(encode_record(record)) - MAX_RECORD if record else 0
    except ProtocolError:
        return 0  # of its dates, which are wrong by themselves
