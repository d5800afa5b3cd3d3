"""Full text on SQLite: FTS5 over `home_words`. https://www.sqlite.org/fts5.html section 3, 4.4.3"""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, insert, literal, select, text

from directory.homes.models import home_text, home_words
from directory.homes.words import Term, WordsRow

MATCHING = text("SELECT json_group_array(rowid) FROM home_text WHERE home_text MATCH :words")
# Ranks are rounded, so that nodes that indexed the same homes in another order agree. The plus
# keeps SQLite from running the whole search again for each of the rows.
RANKED = text(
    "WITH ranked AS MATERIALIZED (SELECT rowid AS id, round(bm25(home_text, 4.0, 1.0), 6) AS rank"
    " FROM home_text WHERE home_text MATCH :words"
    " AND +rowid IN (SELECT value FROM json_each(:rows)))"
    " SELECT json_group_array(json_array(id, rank)) FROM ranked"
)


def asked(terms: Collection[Term], *, heading: bool = False) -> dict[str, str]:
    """The parameters of MATCHING; with `heading`, all terms have to be there."""
    words = match_expression(terms)
    return {"words": f"heading : ({words})" if heading else words}


def match_expression(terms: Collection[Term]) -> str:
    """The terms as an expression in which nothing but they themselves is looked for."""
    return " AND ".join(map(_expression, terms))


def _expression(term: Term) -> str:
    said = f'"{term.text}"'
    if not term.begins:
        return said
    either = (f"{said}*", *(f'"{word}"' for word in term.completions))
    return either[0] if len(either) == 1 else f"({' OR '.join(either)})"


def prepared(rows: Sequence[WordsRow]) -> Sequence[WordsRow]:
    """Rows of `home_words` as they are: FTS5 takes text apart by itself."""
    return rows


def add(connection: Connection, first: int) -> None:
    """Index the new rows, a whole batch by one statement."""
    added = select(home_words).where(home_words.c.id >= first)
    connection.execute(insert(home_text).from_select(["rowid", "heading", "words"], added))


def take_out(connection: Connection, ids: Sequence[int]) -> None:
    """Take rows out of the index, which has to be told what stood in them."""
    theirs = select(literal("delete"), home_words).where(home_words.c.id.in_(ids))
    connection.execute(
        insert(home_text).from_select(["home_text", "rowid", "heading", "words"], theirs)
    )


def forget_deleted(connection: Connection) -> None:
    """Merge the index into one: what was taken out stays there until then."""
    connection.exec_driver_sql("INSERT INTO home_text(home_text) VALUES ('optimize')")
