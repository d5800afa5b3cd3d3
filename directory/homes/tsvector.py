"""Full text on PostgreSQL: a computed column `text` of `home_words`, with a GIN index.

https://www.postgresql.org/docs/current/datatype-textsearch.html. Its parser would see addresses,
paths and numbers where we mean words, so text is folded before: words and spaces, in small letters
without accents, which is what FTS5's `unicode61` makes of it.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, text

from directory.homes.words import Term, WordsRow

# The beginning of a word is looked for by its stem and as it stands: "psy" has the stem "psi", with
# which no other word begins.
_QUERY = (
    "(to_tsquery('plain', :words)"
    " && (to_tsquery('plain', :begins) || CAST(:as_it_stands AS tsquery)))"
)
MATCHING = text(
    f"SELECT CAST(coalesce(json_agg(id), '[]') AS text) FROM home_words WHERE text @@ {_QUERY}"  # noqa: S608 - ours
)
# Weights are of D (words), C, B and A (heading). A long text counts for less, by its logarithm.
RANKED = text(
    "SELECT CAST(coalesce(json_agg(json_build_array("  # noqa: S608 - ours
    f"id, -ts_rank_cd('{{0.25, 0, 0, 1}}', text, {_QUERY}, 1))), '[]') AS text)"
    " FROM home_words WHERE id IN (SELECT value::integer FROM json_array_elements_text("
    "CAST(:rows AS json)))"
)
_NO_WORD = re.compile(r"[\W_]+")


def asked(terms: Collection[Term], *, heading: bool = False) -> dict[str, str]:
    """The parameters of MATCHING: expressions of letters, digits, and operators of ours only.

    With `heading`, all terms have to be there.
    """
    weight = "A" if heading else ""
    begun = [term for term in terms if term.begins]
    return {
        "words": " & ".join(_phrase(term.text, weight) for term in terms if not term.begins),
        "begins": " & ".join(_beginning(term, weight) for term in begun),
        "as_it_stands": " & ".join(_phrase(term.text, f"*{weight}") for term in begun),
    }


def _beginning(term: Term, weight: str) -> str:
    either = [_phrase(term.text, f"*{weight}")]
    either += [_phrase(word, weight) for word in term.completions]
    return f"({' | '.join(either)})"


def _phrase(words: str, mark: str) -> str:
    """Words that stand together, in places of a weight; with an asterisk in the mark, the last may
    be the beginning of one.
    """
    *first, last = fold(words).split()
    weight = mark.removeprefix("*")
    marked = [*(_marked(word, weight) for word in first), _marked(last, mark)]
    return f"({' <-> '.join(marked)})"


def _marked(word: str, mark: str) -> str:
    return f"{word}:{mark}" if mark else word


def fold(words: str) -> str:
    """Words and single spaces, in small letters without accents."""
    if not words.isascii():
        parts = unicodedata.normalize("NFD", words)
        words = "".join(c for c in parts if not unicodedata.combining(c))
    return _NO_WORD.sub(" ", words).lower()


def prepared(rows: Sequence[WordsRow]) -> Sequence[WordsRow]:
    """Rows of `home_words` with their text folded."""
    return [(number, fold(heading), fold(words)) for number, heading, words in rows]


def add(connection: Connection, first: int) -> None:
    """Nothing: PostgreSQL computes the column."""


def take_out(connection: Connection, ids: Sequence[int]) -> None:
    """Nothing: the column goes with its row."""


def forget_deleted(connection: Connection) -> None:
    """Nothing: federation rewrites all tables."""
