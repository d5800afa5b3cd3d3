"""What a person types into the search, as an expression of SQLite's FTS5.

Everything typed is text to look for: FTS5's operators, brackets and column names have no meaning
here. All terms have to be found; "several words in quotation marks" have to stand together; the
last word may be the beginning of a longer one. https://www.sqlite.org/fts5.html section 3.
"""

import re
import unicodedata

from directory.homes.errors import WordsTooLong

LONGEST = 200
"""Characters that a search may have."""

_TERM = re.compile(r'"([^"]*)"|([^\s"]+)')
_QUOTATION_MARKS = str.maketrans("“”„‟«»", '""""""')


def match_expression(typed: str) -> str | None:
    """The FTS5 expression for what was typed; None when there is no letter or digit in it.

    Raises WordsTooLong.
    """
    if len(typed) > LONGEST:
        raise WordsTooLong(f"Search for {LONGEST} characters or fewer, not {len(typed)}.")
    terms = [term.groups(default="") for term in _TERM.finditer(_plain(typed))]
    terms = [(phrase, word) for phrase, word in terms if _means_something(phrase or word)]
    found = [f'"{phrase or word}"' for phrase, word in terms]
    if terms and terms[-1][1]:
        found[-1] += "*"
    return " AND ".join(found) or None


def _means_something(term: str) -> bool:
    return any(letter.isalnum() for letter in term)


def _plain(typed: str) -> str:
    # NUL would end the expression, and half of a surrogate pair cannot be encoded.
    kept = (" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in typed)
    return "".join(kept).translate(_QUOTATION_MARKS)
