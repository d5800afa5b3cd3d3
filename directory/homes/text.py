"""The full-text index of homes: which rows have the words, and which have them best.

SQLite's FTS5, https://www.sqlite.org/fts5.html section 3. Rows are ids of `home`.
"""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection, text

from directory.homes.words import Term

_MATCHING = text("SELECT rowid FROM home_text WHERE home_text MATCH :words")
# A word in a home's heading (its name, above all) weighs as much as four in its description. Ranks
# are rounded, so that nodes that indexed the same homes in another order agree. The plus keeps
# SQLite from running the whole search again for each of the rows.
_RANKED = text(
    "SELECT rowid, round(bm25(home_text, 4.0, 1.0), 6) AS rank"
    " FROM home_text WHERE home_text MATCH :words"
    " AND +rowid IN (SELECT value FROM json_each(:rows))"
)


def rows_with(connection: Connection, terms: Collection[Term]) -> Sequence[int]:
    """The rows that have all the terms."""
    return connection.scalars(_MATCHING, {"words": match_expression(terms)}).all()


def rows_headed(connection: Connection, terms: Collection[Term]) -> Sequence[int]:
    """The rows that have all of them in their heading: names of home, provider and authority."""
    words = f"heading : ({match_expression(terms)})"
    return connection.scalars(_MATCHING, {"words": words}).all()


def ranks(
    connection: Connection, terms: Collection[Term], rows: Collection[int]
) -> dict[int, float]:
    """How well each of these rows has the terms; less is better, equal is no difference."""
    asked = {
        "words": match_expression(terms),
        "rows": msgspec.json.encode(list(rows)).decode(),
    }
    return {row.rowid: row.rank for row in connection.execute(_RANKED, asked)}


def match_expression(terms: Collection[Term]) -> str:
    """The terms as an expression in which nothing but they themselves is looked for."""
    return " AND ".join(map(_expression, terms))


def _expression(term: Term) -> str:
    said = f'"{term.text}"'
    if not term.begins:
        return said
    either = (f"{said}*", *(f'"{word}"' for word in term.completions))
    return either[0] if len(either) == 1 else f"({' OR '.join(either)})"
