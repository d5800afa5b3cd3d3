"""The statements that keep registrations: in bulk, and the same for SQLite and PostgreSQL."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, insert, select, update

from directory.records.ofsted.models import registration
from directory.records.ofsted.registrations import CHILDRENS_HOMES, Registration

_FIELDS = tuple(field.name for field in fields(Registration))
_COLUMNS = [registration.c[name] for name in _FIELDS]


@dataclass(frozen=True, slots=True)
class Held:
    """A registration that the node holds, the day of the newest list that names it, and of the
    list that no longer does; None where there is none.
    """

    registration: Registration
    listed_as_at: date | None
    left_as_at: date | None


def held(connection: Connection, urns: Collection[str]) -> dict[str, Held]:
    """Those of these registrations that the node holds, by URN. At most 500 at a time."""
    return {one.registration.urn: one for one in _read(connection, registration.c.urn.in_(urns))}


def spare_memory(connection: Connection) -> None:
    """Let this connection keep 8 MB of pages: a list is gone through once, and no page is asked for
    often. https://www.sqlite.org/pragma.html#pragma_cache_size
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size = -8192")


def on_register(
    connection: Connection, authorities: Collection[str] | None
) -> Iterator[Row[tuple[str, str, str | None, str | None, date | None]]]:
    """URN, provision type, authority (code and name) and newest list of every registration that
    has not left, of these authorities or of all, in no order.
    """
    columns = registration.c
    statement = select(
        columns.urn,
        columns.provision_type,
        columns.authority_gss,
        columns.authority_as_written,
        columns.listed_as_at,
    ).where(columns.left_as_at.is_(None), *_within(authorities))
    return iter(connection.execute(statement, execution_options={"yield_per": 1000}))


def count_homes(
    connection: Connection, authorities: Collection[str] | None, *, undated: bool = False
) -> int:
    """How many children's homes of these authorities, or of all, are on the register; of the
    `undated` ones no list has said since when.
    """
    counted = select(func.count()).where(
        registration.c.left_as_at.is_(None),
        registration.c.provision_type.in_(CHILDRENS_HOMES),
        *_within(authorities),
    )
    if undated:
        counted = counted.where(registration.c.registered_on.is_(None))
    return connection.scalar(counted.select_from(registration)) or 0


def gone(
    connection: Connection, urns: Collection[str], authorities: Collection[str]
) -> frozenset[str]:
    """Those of these registrations that have left the register or stand in none of these
    authorities. At most 500 at a time.
    """
    columns = registration.c
    here = columns.authority_gss.in_(set(authorities))
    rows = connection.scalars(
        select(columns.urn).where(
            columns.urn.in_(urns),
            columns.left_as_at.is_not(None) | columns.authority_gss.is_(None) | ~here,
        )
    )
    return frozenset(rows)


def newest_list(connection: Connection, authorities: Collection[str] | None) -> date | None:
    """The day of the newest list that names a registration of these authorities, or any."""
    newest: date | None = connection.scalar(
        select(func.max(registration.c.listed_as_at)).where(*_within(authorities))
    )
    return newest


def homes_in(connection: Connection, authorities: Collection[str]) -> list[Held]:
    """The children's homes on the register in these authorities, in no order."""
    return _read(
        connection,
        registration.c.authority_gss.in_(set(authorities)),
        registration.c.provision_type.in_(CHILDRENS_HOMES),
        registration.c.left_as_at.is_(None),
    )


def add(connection: Connection, joined: Iterable[Registration], as_at: date | None) -> None:
    """Keep registrations that a list of that day names for the first time."""
    if rows := [_values(one) | {"listed_as_at": as_at} for one in joined]:
        connection.execute(insert(registration), rows)


def correct(connection: Connection, changed: Iterable[Registration]) -> None:
    """Put what a list says in the place of what is held, by URN; whoever had left is back."""
    rows = [_values(one) | {"_urn": one.urn, "left_as_at": None} for one in changed]
    if rows:
        connection.execute(
            update(registration).where(registration.c.urn == bindparam("_urn")), rows
        )


def mark_listed(connection: Connection, urns: Iterable[str], as_at: date) -> None:
    """Note that a list of that day names these."""
    _mark(connection, "listed_as_at", urns, as_at)


def mark_left(connection: Connection, urns: Iterable[str], as_at: date) -> None:
    """Note that a list of that day no longer names these."""
    _mark(connection, "left_as_at", urns, as_at)


def _within(authorities: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if authorities is None else [registration.c.authority_gss.in_(set(authorities))]


def _read(connection: Connection, *where: ColumnElement[bool]) -> list[Held]:
    columns = (*_COLUMNS, registration.c.listed_as_at, registration.c.left_as_at)
    rows = connection.execute(select(*columns).where(*where))
    return [Held(Registration(*row[:-2]), row[-2], row[-1]) for row in rows]


def _mark(connection: Connection, column: str, urns: Iterable[str], day: date) -> None:
    if rows := [{"_urn": urn, "_day": day} for urn in urns]:
        statement = update(registration).where(registration.c.urn == bindparam("_urn"))
        connection.execute(statement.values({column: bindparam("_day")}), rows)


def _values(one: Registration) -> dict[str, object]:
    return {name: getattr(one, name) for name in _FIELDS}
