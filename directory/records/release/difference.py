"""What changed between two texts, as a person reads it: sentence by sentence, and word by word
within those that changed.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby

_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?]+[ \t]*|\n+)|[^.!?\n]+\Z")
_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_WORDS = 400  # in a passage; a longer one is shown as replaced whole
_TOO_DIFFERENT = 0.4


class Kind(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, and what became of it."""

    kind: Kind
    text: str


def difference(before: str, after: str) -> list[Piece]:
    """The two texts in one: without what is new it is the first, without what is gone the second.

    No two neighbours are of one kind.
    """
    pieces = _compared(_SENTENCE.findall(before), _SENTENCE.findall(after), _passages)
    return [
        Piece(kind, "".join(piece.text for piece in same))
        for kind, same in groupby(pieces, lambda piece: piece.kind)
    ]


def _compared(
    before: Sequence[str], after: Sequence[str], replaced: Callable[[str, str], Iterator[Piece]]
) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        old, new = "".join(before[start:end]), "".join(after[new_start:new_end])
        if what == "equal":
            yield Piece(Kind.SAME, old)
        elif what == "replace":
            yield from replaced(old, new)
        else:
            yield from _whole(old, new)


def _passages(old: str, new: str) -> Iterator[Piece]:
    """Of a passage that was rewritten: the words that changed, or all of it if most did."""
    words, others = _WORD.findall(old), _WORD.findall(new)
    if max(len(words), len(others)) > _MOST_WORDS:
        return _whole(old, new)
    alike = SequenceMatcher(None, words, others, autojunk=False).ratio()
    return _whole(old, new) if alike < _TOO_DIFFERENT else _compared(words, others, _whole)


def _whole(old: str, new: str) -> Iterator[Piece]:
    if old:
        yield Piece(Kind.GONE, old)
    if new:
        yield Piece(Kind.NEW, new)
