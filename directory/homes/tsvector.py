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

MATCHING = text(
    "SELECT CAST(coalesce(json_agg(id), '[]') AS text) FROM home_words"
    " WHERE text @@ to_tsquery('plain', :words)"
)
# Weights are of D (words), C, B and A (heading). A long text counts for less, by its logarithm.
RANKED = text(
    "SELECT id, -ts_rank_cd('{0.25, 0, 0, 1}', text, to_tsquery('plain', :words), 1)"
    " FROM home_words WHERE id IN (SELECT value::integer FROM json_array_elements_text("
    "CAST(:rows AS json)))"
)
_NO_WORD = re.compile(r"[\W_]+")


def asked(terms: Collection[Term], *, heading: bool = False) -> dict[str, str]:
    """The parameters of MATCHING; with `heading`, all terms have to be there."""
    return {"words": tsquery(terms, "A" if heading else "")}


def tsquery(terms: Collection[Term], weight: str = "") -> str:
    """The terms as an expression of letters, digits, and operators of ours only."""
    return " & ".join(_expression(term, weight) for term in terms)


def _expression(term: Term, weight: str) -> str:
    either = [_phrase(term.text, weight, begins=term.begins)]
    either += [_phrase(word, weight) for word in term.completions]
    return f"({' | '.join(either)})"


def _phrase(words: str, weight: str, *, begins: bool = False) -> str:
    """Words that stand together. The last may be the beginning of one."""
    found = [f"{word}:{weight}" for word in fold(words).split()]
    if begins:
        found[-1] += "*"
    return " <-> ".join(word.rstrip(":") for word in found)


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
