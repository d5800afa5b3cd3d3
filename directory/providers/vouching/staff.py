"""For whom a provider's staff work: a provider, as one authority of this node knows it.

An authority vouches for the staff that it has invited and for nobody else's, so the same name
through two authorities is two workplaces; who was invited by both has both on one page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from directory.providers.vouching.labels import plain
from directory.security.people.accounts import Account, invite
from directory.security.people.grants import Held
from directory.security.people.models import person, role_grant
from directory.security.rights.principal import Principal
from directory.security.rights.roles import Role
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.systems.models import system
from federation import Node


@dataclass(frozen=True, slots=True)
class Workplace:
    """A provider, and the authority through which its staff have their accounts (GSS code)."""

    through: str
    provider: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of a provider's staff."""

    provider: str
    name: str
    email: str
    is_set_up: bool
    is_disabled: bool


def workplaces(connection: Connection, node: Node, who: Principal) -> list[Workplace]:
    """For whom somebody works, by the provider's name; nothing for whoever is not of a provider. A
    provider's system works for that one.
    """
    if who.id.startswith("system:"):
        return _of_system(connection, node, who)
    rows = connection.execute(
        select(role_grant.c.authority, role_grant.c.provider)
        .where(
            role_grant.c.person == who.id.removeprefix("person:"),
            role_grant.c.role == Role.PROVIDER,
            role_grant.c.authority.in_(node.member.area),
        )
        .order_by(role_grant.c.provider, role_grant.c.authority)
    )
    return [Workplace(authority, provider or "") for authority, provider in rows]


def _of_system(connection: Connection, node: Node, who: Principal) -> list[Workplace]:
    row = connection.execute(
        select(system.c.authority, system.c.provider).where(
            system.c.id == who.id.removeprefix("system:"),
            system.c.provider.is_not(None),
            system.c.revoked_at.is_(None),
            system.c.authority.in_(node.member.area),
        )
    ).one_or_none()
    return [Workplace(row.authority, row.provider)] if row else []


def staff(connection: Connection, who: Principal, authority: str) -> Sequence[Colleague]:
    """Everybody whom an authority has invited for providers, by provider and name.

    Raises NotAllowed.
    """
    require(who, Action.MANAGE_PROVIDERS, authority)
    rows = connection.execute(
        select(
            role_grant.c.provider,
            person.c.name,
            person.c.email,
            person.c.totp_secret.is_not(None).label("is_set_up"),
            person.c.disabled_at.is_not(None).label("is_disabled"),
        )
        .join(person, person.c.id == role_grant.c.person)
        .where(role_grant.c.authority == authority, role_grant.c.role == Role.PROVIDER)
        .order_by(role_grant.c.provider, person.c.name, person.c.email)
    )
    return [Colleague(*row) for row in rows]


def invite_staff(
    connection: Connection, node: Node, who: Principal, workplace: Workplace, email: str, name: str
) -> tuple[Account, str | None]:
    """Give somebody a provider's role and, unless they have an account, one; with its link's token.

    Raises NotAllowed, and PeopleError as `accounts.invite` does.
    """
    held = Held(Role.PROVIDER, workplace.through, workplace.provider)
    return invite(connection, node, who, email, name, held)


def as_known(connection: Connection, authority: str, typed: str) -> str:
    """A provider's name as its staff bear it already, where it is the same but for its spelling."""
    known = connection.scalars(
        select(role_grant.c.provider).where(
            role_grant.c.authority == authority, role_grant.c.role == Role.PROVIDER
        )
    )
    return next((one for one in known if one and plain(one) == plain(typed)), typed)
