"""The roles that people hold, as they stand in the database."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from directory.security.people.models import person, role_grant
from directory.security.rights.principal import NOBODY, Grant, Principal
from directory.security.rights.roles import Role

WHOLE = ""
"""What stands in place of an authority for a role of the node."""

# Made once: every page asks it, and to build a statement costs more than to run it.
_HELD = (
    select(role_grant.c.role, role_grant.c.authority, role_grant.c.provider)
    .where(role_grant.c.person == bindparam("who"))
    .order_by(role_grant.c.authority, role_grant.c.role)
)


@dataclass(frozen=True, slots=True)
class Held:
    """A role, and for which authority; None is the whole node. For a provider's staff, whose."""

    role: Role
    authority: str | None
    provider: str | None = None


def held_by(connection: Connection, who: str) -> list[Held]:
    """Every role that a person holds, also for authorities that the node serves no more."""
    rows = connection.execute(_HELD, {"who": who})
    return [Held(Role(role), authority or None, provider) for role, authority, provider in rows]


def grants_of(connection: Connection, who: str) -> frozenset[Grant]:
    """What a person's roles come to, for the table of rights."""
    return frozenset(Grant(one.role, one.authority) for one in held_by(connection, who))


def principal_of(connection: Connection, who: str, name: str, served: Collection[str]) -> Principal:
    """A person as the table of rights asks for them, with their roles for what a node serves."""
    held = {one for one in grants_of(connection, who) if one.authority in {None, *served}}
    return Principal(f"person:{who}", name, NOBODY.grants | held)


def others_with(connection: Connection, who: str, held: Held) -> int:
    """How many people besides hold the same role, and could sign in with it today."""
    same = (
        (role_grant.c.role == held.role)
        & (role_grant.c.authority == (held.authority or WHOLE))
        & (role_grant.c.person != who)
    )
    count = (
        select(func.count())
        .select_from(role_grant.join(person, person.c.id == role_grant.c.person))
        .where(same, person.c.disabled_at.is_(None))
    )
    return connection.scalar(count) or 0


def only_authority(connection: Connection, who: str) -> str | None:
    """The authority of somebody who works for one alone: whose the audit of their account is."""
    theirs = {one.authority for one in held_by(connection, who)}
    return theirs.pop() if len(theirs) == 1 else None


def people_with(connection: Connection, role: Role, authority: str) -> dict[str, str]:
    """Names by id, in their order, of who holds a role for an authority and can sign in."""
    rows = connection.execute(
        select(person.c.id, person.c.name)
        .join(role_grant, role_grant.c.person == person.c.id)
        .where(
            role_grant.c.role == role,
            role_grant.c.authority == authority,
            person.c.disabled_at.is_(None),
        )
        .order_by(person.c.name, person.c.id)
    )
    return {row.id: row.name for row in rows}
