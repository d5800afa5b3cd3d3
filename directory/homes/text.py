"""The full-text index of homes on SQLite and PostgreSQL: one meaning, two indexes.

Rows are ids of `home`. A word is found by its stem, however its letters are accented or capital,
and none is too common to be found. A word in a home's heading (its name, above all) weighs as much
as four in its description.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection, Executable, delete

from directory.homes import fts5, tsvector
from directory.homes.models import home_words
from directory.homes.words import Term, WordsRow
from federation import bulk_insert

_COLUMNS = tuple(home_words.c.keys())
T = TypeVar("T")


class _Index(Protocol):
    """What a database has to be told in words of its own."""

    MATCHING: Executable
    """Gives a JSON list of rows."""
    RANKED: Executable
    """Gives a JSON list of pairs: a row and its rank."""

    def asked(self, terms: Collection[Term], *, heading: bool = False) -> dict[str, str]: ...
    def prepared(self, rows: Sequence[WordsRow]) -> Sequence[WordsRow]: ...
    def add(self, connection: Connection, first: int) -> None: ...
    def take_out(self, connection: Connection, ids: Sequence[int]) -> None: ...
    def forget_deleted(self, connection: Connection) -> None: ...


def rows_with(connection: Connection, terms: Collection[Term]) -> Sequence[int]:
    """The rows that have all the terms."""
    return _matching(connection, terms, heading=False)


def rows_headed(connection: Connection, terms: Collection[Term]) -> Sequence[int]:
    """The rows that have all of them in their heading: names of home, provider and authority."""
    return _matching(connection, terms, heading=True)


def ranks(
    connection: Connection, terms: Collection[Term], rows: Collection[int]
) -> dict[int, float]:
    """How well each of these rows has the terms; less is better, equal is no difference."""
    index = _index(connection)
    asked: dict[str, Any] = {**index.asked(terms), "rows": str(list(rows))}
    return dict(_in_one_piece(connection, index.RANKED, asked, list[tuple[int, float]]))


def add_words(connection: Connection, rows: Sequence[WordsRow]) -> None:
    """Index new homes, in the order of their ids, which on SQLite are higher than all before."""
    if rows:
        index = _index(connection)
        bulk_insert(connection, home_words, _COLUMNS, index.prepared(rows))
        index.add(connection, rows[0][0])


def delete_words(connection: Connection, ids: Sequence[int]) -> None:
    """Take homes out of the index."""
    _index(connection).take_out(connection, ids)
    connection.execute(delete(home_words).where(home_words.c.id.in_(ids)))


def forget_deleted_words(connection: Connection) -> None:
    """Rewrite the index: the words of a deleted row stay there until it is."""
    _index(connection).forget_deleted(connection)


def _matching(connection: Connection, terms: Collection[Term], *, heading: bool) -> list[int]:
    index = _index(connection)
    asked = index.asked(terms, heading=heading)
    return _in_one_piece(connection, index.MATCHING, asked, list[int])


def _in_one_piece(
    connection: Connection, statement: Executable, asked: Mapping[str, Any], form: type[T]
) -> T:
    """The rows of a statement that gives them as one piece of JSON.

    As rows of SQLite, 100,000 numbers take four times as long, and each is a chance for other
    threads to take Python's lock.
    """
    return msgspec.json.decode(connection.execute(statement, asked).scalar_one(), type=form)


def _index(connection: Connection) -> _Index:
    return fts5 if connection.dialect.name == "sqlite" else tsvector
