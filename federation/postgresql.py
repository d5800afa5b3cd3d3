"""PostgreSQL as a node uses it: a schema per database, no value in an error, nothing left behind.

The address is libpq's: https://www.postgresql.org/docs/current/libpq-connect.html section 32.1.1.2.
"""

from ipaddress import ip_address

import psycopg
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError

from federation.errors import UnusableDatabase

_DRIVER = "postgresql+psycopg"
_MOST_CONNECTIONS = 32  # a worker has 16 threads, and each may hold one lock and one transaction
_TO_REWRITE = "holds bytes that were erased: to be rewritten"
_LOCKED = "55P03"  # lock not available
_WITH_PAGES = text(
    "SELECT relname FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
    " AND (pg_relation_size(oid) > 0"
    " OR (reltoastrelid <> 0 AND pg_relation_size(reltoastrelid) > 0))"
)
_SESSION = {
    "timezone": "UTC",
    "lock_timeout": "30s",
    "statement_timeout": "120s",
    "idle_in_transaction_session_timeout": "600s",
}


def read_url(url: str) -> URL:
    """The address of a PostgreSQL database.

    Who reaches it over a network has to verify the server, unless the address says otherwise.
    Raises UnusableDatabase, which never repeats the address: a password may stand in it.
    """
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        read = None
    if read is None or read.drivername not in ("postgres", "postgresql", _DRIVER):
        raise UnusableDatabase(
            "The address of the database is none of PostgreSQL's. It looks like "
            "postgresql://hearth@db.example/hearth; see deploy/README.md"
        ) from None
    if not _is_here(read) and "sslmode" not in read.query:
        read = read.update_query_dict({"sslmode": "verify-full"})
    return read.set(drivername=_DRIVER)


def open_schema(url: str, schema: str, *, durable: bool) -> Engine:
    """An engine whose tables are those of one schema. Raises UnusableDatabase."""
    read = read_url(url)
    session = _SESSION | {
        "search_path": schema,
        "synchronous_commit": "on" if durable else "off",
    }
    options = [read.query.get("options", ""), *(f"-c {k}={v}" for k, v in session.items())]
    engine = create_engine(
        read.difference_update_query(["options"]),
        connect_args={
            "options": " ".join(map(str, filter(None, options))),
            "application_name": f"hearth {schema}",
            "connect_timeout": 10,
        },
        pool_size=5,
        max_overflow=_MOST_CONNECTIONS - 5,
        pool_pre_ping=True,  # a server that was started again is no error
        hide_parameters=True,  # a child's name could stand in one, and errors are logged
    )
    event.listen(engine, "handle_error", _hide_values)
    return engine


def enter_schema(connection: Connection) -> None:
    """Wait until nobody else changes this schema, and make it when it is not there."""
    schema = connection.scalar(text("SELECT current_setting('search_path')"))
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('schema ' || :name, 0))"),
        {"name": schema},
    )
    if connection.scalar(text("SELECT to_regnamespace(:name)"), {"name": schema}) is None:
        connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')


def rewrite(engine: Engine) -> bool:
    """Write every table of the schema that has pages afresh: a deleted row's bytes stay until then.
    False while others keep a table to themselves for too long.

    So do the samples of them that the planner took: those are taken again, and the old destroyed
    where this role may, which whoever owns the database does.
    """
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        note_rewrite(connection)
        connection.execute(text("SET statement_timeout = 0"))
        try:
            for name in connection.scalars(_WITH_PAGES).all():
                connection.exec_driver_sql(f'VACUUM (FULL, ANALYZE) "{name}"')
            connection.exec_driver_sql("VACUUM (FULL) pg_catalog.pg_statistic")
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCKED:
                raise
            return False
        finally:
            connection.execute(text("RESET statement_timeout"))
        connection.exec_driver_sql(f'COMMENT ON SCHEMA "{_schema(connection)}" IS NULL')
    return True


def note_rewrite(connection: Connection) -> None:
    """Note on the schema itself that `rewrite` is to follow this transaction."""
    connection.exec_driver_sql(f"COMMENT ON SCHEMA \"{_schema(connection)}\" IS '{_TO_REWRITE}'")


def rewrite_is_noted(engine: Engine) -> bool:
    """Whether a `rewrite` was noted and has not been done."""
    note = text("SELECT obj_description(current_schema()::regnamespace, 'pg_namespace')")
    with engine.begin() as connection:
        return bool(connection.scalar(note) == _TO_REWRITE)


def _schema(connection: Connection) -> str:
    return str(connection.scalar(text("SELECT current_schema()")))


def _is_here(url: URL) -> bool:
    host = str(url.query.get("host") or url.host or "")
    if host in ("", "localhost") or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _hide_values(context: ExceptionContext) -> None:
    """Keep of the server's words the first line only, and nothing where that quotes a value.

    DETAIL and CONTEXT repeat rows; https://www.postgresql.org/docs/current/protocol-error-fields.html
    """
    original = context.original_exception
    told = plain_words(original)
    wrapped = context.sqlalchemy_exception
    if told and wrapped is not None:
        before = str(original)
        original.args = (told,)
        wrapped.args = tuple(str(one).replace(before, told) for one in wrapped.args)


def plain_words(error: BaseException) -> str | None:
    """What a server said, without values; None when it was not the server who spoke."""
    if not isinstance(error, psycopg.Error) or error.sqlstate is None:
        return None
    if error.sqlstate.startswith("22"):  # data exceptions quote what they cannot read
        return f"the database refuses a value (SQLSTATE {error.sqlstate})"
    return error.diag.message_primary
