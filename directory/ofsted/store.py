"""The statements that keep registrations: in bulk, and the same for SQLite and PostgreSQL."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from directory.ofsted.models import registration
from directory.ofsted.registrations import CHILDRENS_HOMES, Registration

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


def held(connection: Connection) -> dict[str, Held]:
    """Every registration that the node holds, by URN."""
    return {one.registration.urn: one for one in _read(connection)}


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
