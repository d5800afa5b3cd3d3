"""What a reader makes of a file: its text in order, each piece with how much it looks a heading."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

MOST_CHARACTERS = 1_000_000
LONGEST_HEADING = 120  # characters
PASSAGE = 0


class Look(IntEnum):
    """How a heading shows that it is one: the surest first."""

    STYLE = 1
    SIZE = 2
    BOLD = 3
    CAPITALS = 4
    CELL = 5
    SHORT = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, or a heading: then it has a `look`, and a `level` from 1, the highest, which
    compares with those of the same look only.
    """

    text: str
    look: Look | None = None
    level: int = 1


def may_be_heading(text: str) -> bool:
    """Whether a text is short enough, and is no sentence."""
    return (
        len(text) <= LONGEST_HEADING
        and not text.endswith((".", ";", ","))
        and any(letter.isalpha() for letter in text)
    )


def is_capitals(text: str) -> bool:
    """Whether its letters, of which there are some, are all capital."""
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) >= 4 and all(letter.isupper() for letter in letters)


def bounded(lines: Iterable[Line]) -> list[Line]:
    """The lines, as far as there are not more characters than any statement has."""
    kept: list[Line] = []
    left = MOST_CHARACTERS
    for line in lines:
        left -= len(line.text)
        if left < 0:
            break
        kept.append(line)
    return kept
