"""From the lines of a file to the sections of a statement of purpose.

A section begins with a heading that is about a matter of the Schedule, and ends with the next such
one, or with a heading of the same look and rank that is about none: what stands there is kept
apart, for a person to place. Sub-headings stay in their section.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from directory.providers.statements.importing.headings import matter_of
from directory.providers.statements.importing.lines import Line, Look, may_be_heading
from protocols.statements import LONGEST_PASSAGE, Matter

_SURE = 4  # of a line that does not look like a heading
_LONGEST_UNPLACED = 60_000  # characters
_SHORT = 80


@dataclass(frozen=True, slots=True)
class Found:
    """What was found about each matter, and what of the file stands in no section."""

    sections: dict[Matter, str]
    unplaced: str


@dataclass(slots=True)
class _Open:
    matter: Matter | None
    heading: Line | None


def find_sections(lines: Iterable[Line]) -> Found:
    """The sections of a statement. A matter that comes twice has both texts, in their order."""
    sections: dict[Matter, list[str]] = {}
    unplaced: list[str] = []
    now = _Open(None, None)
    for line in lines:
        heading = _as_heading(line)
        about = matter_of(line.text) if heading else None
        if heading and about and (heading.look is not Look.SHORT or about[1] >= _SURE):
            if not _is_sub_heading(heading, now, about):
                now = _Open(about[0], heading)
                continue
        elif heading and heading.look is not Look.SHORT and _ends(heading, now):
            now = _Open(None, heading)
        into = unplaced if now.matter is None else sections.setdefault(now.matter, [])
        into.append(line.text)
    return Found(
        {matter: _joined(texts, LONGEST_PASSAGE) for matter, texts in sections.items() if texts},
        _joined(unplaced, _LONGEST_UNPLACED),
    )


def _as_heading(line: Line) -> Line | None:
    if line.look is not None:
        return line
    if len(line.text) <= _SHORT and may_be_heading(line.text):
        return Line(line.text, Look.SHORT)
    return None


def _is_sub_heading(heading: Line, now: _Open, about: tuple[Matter, int]) -> bool:
    """Whether a heading below the open section's own is about the same matter, or hardly about
    another.
    """
    if now.matter is None or now.heading is None or about[0] == now.matter:
        return now.matter is not None and about[0] == now.matter
    lower = _rank(heading) > _rank(now.heading)
    return lower and about[1] < _SURE


def _ends(heading: Line, now: _Open) -> bool:
    return now.heading is not None and _rank(heading) <= _rank(now.heading)


def _rank(heading: Line) -> tuple[int, int]:
    return (heading.look or Look.SHORT, heading.level)


def _joined(texts: list[str], longest: int) -> str:
    return "\n\n".join(texts)[:longest].strip()
