"""What a person types into the search, as terms to look for.

Everything typed is text: no operator of any database has a meaning here. All terms have to be
found; "several words in quotation marks" have to stand together; the last word may be the beginning
of a longer one.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import TypeAlias

from directory.homes.errors import WordsTooLong

WordsRow: TypeAlias = tuple[int, str, str]
"""Of one home: its id, its heading, everything else that is searched by words."""

LONGEST = 200
"""Characters that a search may have."""

_TERM = re.compile(r'"([^"]*)"|([^\s"]+)')
_QUOTATION_MARKS = str.maketrans("“”„‟«»", '""""""')

# Indexes hold stems, so the beginning of a word may go on past all that is held of it: "exploitat"
# of "exploitation", held as "exploit". These are the endings that stemming takes off, as words have
# them: M. F. Porter, An algorithm for suffix stripping, Program 14.3 (1980), steps 1 to 4.
_ENDINGS = (
    "ies ing ational tional ency ancy izer ably ally ently ously ization ation ator alism iveness"
    " fulness ousness ality ivity bility icate ative alize icity ical ful ness al ance ence ic able"
    " ible ant ement ment ent ion ism ate ity ous ive ize"
)
_SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase to look for; `begins` when longer words that begin so will do as well."""

    text: str
    begins: bool = False

    @property
    def completions(self) -> tuple[str, ...]:
        """Words that it may be the beginning of, and of which less than it may be held."""
        if not self.begins or not self.text.isalpha():
            return ()
        typed = self.text
        return tuple(
            dict.fromkeys(
                typed + ending[length:]
                for ending in _ENDINGS.split()
                for length in range(1, min(len(ending), len(typed) - _SHORTEST_STEM + 1))
                # Of a last "e" alone nothing is held anyway.
                if typed.lower().endswith(ending[:length]) and ending[:length] != "e"
            )
        )


def read_terms(typed: str) -> tuple[Term, ...]:
    """The terms in what was typed; none when there is no letter or digit in it.

    Raises WordsTooLong.
    """
    if len(typed) > LONGEST:
        raise WordsTooLong(f"Search for {LONGEST} characters or fewer, not {len(typed)}.")
    found = [term.groups(default="") for term in _TERM.finditer(_plain(typed))]
    found = [(phrase, word) for phrase, word in found if _means_something(phrase or word)]
    last = len(found) - 1
    return tuple(
        Term(phrase or word, begins=bool(word) and at == last)
        for at, (phrase, word) in enumerate(found)
    )


def _means_something(term: str) -> bool:
    return any(letter.isalnum() for letter in term)


def _plain(typed: str) -> str:
    # NUL would end the expression, and half of a surrogate pair cannot be encoded.
    kept = (" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in typed)
    return "".join(kept).translate(_QUOTATION_MARKS)
