"""The few statements that SQLite and PostgreSQL spell differently."""

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

import msgspec
import psycopg
from sqlalchemy import (
    Connection,
    Dialect,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    cast,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import JSON, Boolean, TypeEngine

from federation.giving_way import handing_rows
from federation.postgresql import plain_words

MOST_IN = 10_000
_COPIED_AS: dict[type[TypeEngine[Any]], str] = {
    Boolean: "bool",
    Integer: "int4",
    LargeBinary: "bytea",
    String: "text",
}

T = TypeVar("T")


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    made = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return made(table)


def bulk_insert(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert thousands of rows at once, their values as the database stores them.

    Goes past SQLAlchemy's handling of parameters, which costs more than the insert itself. On
    PostgreSQL it is a COPY, for columns of text, bytes, 32-bit integers and booleans.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        with handing_rows():
            connection.exec_driver_sql(_insert(table, columns, connection.dialect), list(rows))
        return
    driver: Any = connection.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)'
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(_types(table, columns))
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        error.args = (plain_words(error) or str(error),)
        raise DBAPIError.instance(
            statement, None, error, psycopg.Error, hide_parameters=True
        ) from error


@cache
def _types(table: Table, columns: tuple[str, ...]) -> list[str]:
    return [
        next(name for kind, name in _COPIED_AS.items() if isinstance(table.c[column].type, kind))
        for column in columns
    ]


@cache
def _insert(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    return str(insert(table).values(dict.fromkeys(columns)).compile(dialect=dialect))


def new_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """Numbers for the column `id` of rows to come, in order, and nobody else's.

    On SQLite they follow the highest; the write lock keeps others from drawing the same.
    """
    if connection.dialect.name == "sqlite":
        first = (connection.scalar(select(func.max(table.c.id))) or 0) + 1
        return list(range(first, first + count))
    number = func.nextval(func.pg_get_serial_sequence(table.name, "id"))
    each = func.generate_series(1, count).table_valued("n")
    return list(connection.scalars(select(number).select_from(each)))


def in_parts(values: Collection[T]) -> Iterator[list[T]]:
    """Any number of values, as many at a time as one statement takes for an IN."""
    every = list(values)
    return (every[at : at + MOST_IN] for at in range(0, len(every), MOST_IN))


def as_rows(connection: Connection, values: Collection[str]) -> Select[tuple[str]]:
    """Any number of texts, as a query for an IN: one parameter, where thousands would cost more
    than the look-up.
    """
    together = msgspec.json.encode(list(values)).decode()
    if connection.dialect.name == "sqlite":
        return select(func.json_each(together).table_valued("value").c.value)
    rows = func.json_array_elements_text(cast(literal(together), JSON))
    return select(rows.column_valued("value"))
