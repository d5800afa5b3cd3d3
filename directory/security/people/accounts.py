"""Accounts as an administrator sees and changes them: invite, grant, withdraw, disable, new link.

An authority's administrator grants for their own authority. Roles of the node are granted at the
command line of its machine alone. An account that opens more than the one who asks may manage is
not theirs to disable or to make a link for: whoever holds its link holds all that it opens.

A provider's account is a provider's alone: what an authority knows of one provider, no other may
see, so nobody works for an authority and a provider under one name.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from directory.security.audit.service import note
from directory.security.people.errors import (
    AlreadyGranted,
    LastAdministrator,
    NoSuchPerson,
    NotAnEmail,
    NotGranted,
    OtherSide,
    OwnRoles,
    WorksElsewhere,
)
from directory.security.people.grants import WHOLE, Held, held_by, others_with
from directory.security.people.links import INVITATION, RESET, make_link
from directory.security.people.models import person, recovery_code, role_grant
from directory.security.people.sessions import end_all
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import Principal
from directory.security.rights.roles import Role
from directory.security.rights.service import may, require
from directory.security.rights.table import Action
from federation import Node, hold

GRANTABLE = (
    *(Role.COMMISSIONER, Role.NOMINATED_OFFICER, Role.DIRECTOR),
    *(Role.DUTY_OFFICER, Role.DUTY_LEAD, Role.GOVERNANCE_OFFICER),
    Role.AUTHORITY_ADMINISTRATOR,
)
"""Roles of an authority's own people, in the order in which they are offered."""
_ADMINISTRATORS = frozenset({Role.AUTHORITY_ADMINISTRATOR, Role.NODE_ADMINISTRATOR})
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,180}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Account:
    """An account, as those who look after people see it."""

    id: str
    email: str
    name: str
    held: tuple[Held, ...]
    is_set_up: bool
    disabled_at: datetime | None

    def roles_for(self, authority: str) -> list[Held]:
        """What they hold for one authority."""
        return [one for one in self.held if one.authority == authority]


def normal_email(typed: str) -> str:
    """An email address as it is kept. Raises NotAnEmail."""
    email = typed.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise NotAnEmail("Enter an email address, such as name@leeds.example")
    return email


def people_of(
    connection: Connection, node: Node, who: Principal, authority: str
) -> Sequence[Account]:
    """Everybody with a role for an authority, by name."""
    require(who, Action.MANAGE_PEOPLE, authority)
    note(connection, node, who, "list the people", authority=authority)
    ids = select(role_grant.c.person).where(role_grant.c.authority == authority)
    rows = connection.execute(
        select(person).where(person.c.id.in_(ids)).order_by(person.c.name, person.c.email)
    )
    return [_account(connection, row) for row in rows]


def everybody(connection: Connection, node: Node, who: Principal) -> Sequence[Account]:
    """Every account of the node, by name."""
    require(who, Action.RUN_NODE)
    note(connection, node, who, "list the people")
    rows = connection.execute(select(person).order_by(person.c.name, person.c.email))
    return [_account(connection, row) for row in rows]


def one_of(
    connection: Connection, node: Node, who: Principal, authority: str, account: str
) -> Account:
    """An account that has, or had, to do with an authority. Raises NoSuchPerson."""
    require(who, Action.MANAGE_PEOPLE, authority)
    found = _by_id(connection, account)
    if not found.roles_for(authority):
        raise NoSuchPerson("There is no such person with a role for this authority")
    _note(connection, node, who, "see an account", account, authority)
    return found


def own_account(connection: Connection, who: Principal, account: str) -> Account:
    """The account of who asks."""
    require(who, Action.MANAGE_OWN_ACCOUNT)
    return _by_id(connection, account)


def by_email(connection: Connection, who: Principal, email: str) -> Account:
    """The account with an email address, for the machine's operator. Raises NoSuchPerson."""
    require(who, Action.RUN_NODE)
    row = connection.execute(
        select(person).where(person.c.email == normal_email(email))
    ).one_or_none()
    if row is None:
        raise NoSuchPerson(f"Nobody here has the email address {email}")
    return _account(connection, row)


def invite(
    connection: Connection, node: Node, who: Principal, email: str, name: str, held: Held
) -> tuple[Account, str | None]:
    """Give somebody a role and, unless they have an account, one; with a new one, its link's token.

    Raises NotAnEmail, AlreadyGranted, OwnRoles, OtherSide.
    """
    _require_for(who, held)
    email = normal_email(email)
    row = connection.execute(select(person).where(person.c.email == email)).one_or_none()
    if row is not None:
        grant(connection, node, who, row.id, held)
        return _by_id(connection, row.id), None
    made = secrets.token_hex(16)
    connection.execute(
        insert(person).values(id=made, email=email, name=name.strip(), created_at=node.now())
    )
    grant(connection, node, who, made, held)
    token = _linked(connection, node, who, made, INVITATION)
    return _by_id(connection, made), token


def grant(connection: Connection, node: Node, who: Principal, account: str, held: Held) -> None:
    """Give somebody a role; they sign in again. Raises OwnRoles, AlreadyGranted, OtherSide."""
    _require_for(who, held)
    _not_oneself(who, account)
    before = held_by(connection, account)
    if any((one.role, one.authority) == (held.role, held.authority) for one in before):
        raise AlreadyGranted("They have this role already")
    if any((one.role is Role.PROVIDER) is not (held.role is Role.PROVIDER) for one in before):
        raise OtherSide(
            "This account works for a provider and the role is an authority’s, or the other way "
            "round. Give them the role under another email address"
        )
    connection.execute(
        insert(role_grant).values(
            person=account,
            role=held.role,
            authority=held.authority or WHOLE,
            provider=held.provider,
            granted_by=who.id,
            granted_at=node.now(),
        )
    )
    end_all(connection, account)
    _note(connection, node, who, "grant a role", account, held.authority, held.role)


def withdraw(
    connection: Connection,
    node: Node,
    who: Principal,
    account: str,
    held: Held,
    *,
    even_last: bool = False,
) -> None:
    """Take a role back, at once. Raises OwnRoles, NotGranted, LastAdministrator."""
    _require_for(who, held)
    _not_oneself(who, account)
    if not even_last:
        _somebody_is_left(connection, account, [held])
    gone = connection.execute(
        delete(role_grant).where(
            role_grant.c.person == account,
            role_grant.c.role == held.role,
            role_grant.c.authority == (held.authority or WHOLE),
        )
    )
    if gone.rowcount != 1:
        raise NotGranted("They do not have this role")
    end_all(connection, account)
    _note(connection, node, who, "withdraw a role", account, held.authority, held.role)


def disable(
    connection: Connection, node: Node, who: Principal, account: str, *, even_last: bool = False
) -> None:
    """Shut a leaver's account: its sessions and links end now.

    Raises OwnRoles, WorksElsewhere, LastAdministrator.
    """
    _not_oneself(who, account)
    found = _all_of_it(connection, who, account)
    if not even_last:
        _somebody_is_left(connection, account, found.held)
    connection.execute(
        update(person)
        .where(person.c.id == account, person.c.disabled_at.is_(None))
        .values(disabled_at=node.now())
    )
    _forget_proofs(connection, account)
    _note(connection, node, who, "disable an account", account, _authority_of(found))


def enable(connection: Connection, node: Node, who: Principal, account: str) -> str:
    """Open a disabled account again, to be set up anew; gives a link's token."""
    _not_oneself(who, account)
    found = _all_of_it(connection, who, account)
    connection.execute(update(person).where(person.c.id == account).values(disabled_at=None))
    _note(connection, node, who, "open an account again", account, _authority_of(found))
    return _linked(connection, node, who, account, INVITATION)


def new_link(
    connection: Connection, node: Node, who: Principal, account: str, *, afresh: bool = False
) -> str:
    """A link's token for a new password and, `afresh`, for a new second factor too.

    Raises OwnRoles, WorksElsewhere, NoSuchPerson.
    """
    _not_oneself(who, account)
    found = _all_of_it(connection, who, account)
    if found.disabled_at:
        raise NoSuchPerson("This account is disabled. Open it again first")
    if afresh:
        _forget_proofs(connection, account)
    lasts = INVITATION if afresh or not found.is_set_up else RESET
    return _linked(connection, node, who, account, lasts)


def _forget_proofs(connection: Connection, account: str) -> None:
    """Password, second factor and sessions open nothing from now on."""
    connection.execute(
        update(person)
        .where(person.c.id == account)
        .values(password_hash=None, totp_secret=None, totp_pending=None)
    )
    connection.execute(delete(recovery_code).where(recovery_code.c.person == account))
    end_all(connection, account)


def _linked(
    connection: Connection, node: Node, who: Principal, account: str, lasts: timedelta
) -> str:
    found = _by_id(connection, account)
    _note(connection, node, who, "make a link", account, _authority_of(found))
    return make_link(connection, account, who.id, lasts, node.now())


def _note(
    connection: Connection,
    node: Node,
    who: Principal,
    action: str,
    account: str,
    authority: str | None,
    detail: str = "",
) -> None:
    record = f"person/{account}"
    note(connection, node, who, action, authority=authority, record=record, detail=detail)


def _authority_of(found: Account) -> str | None:
    theirs = {one.authority for one in found.held}
    return theirs.pop() if len(theirs) == 1 else None


def _require_for(who: Principal, held: Held) -> None:
    if held.authority is None:
        require(who, Action.RUN_NODE)
    elif held.role is Role.PROVIDER:
        require(who, Action.MANAGE_PROVIDERS, held.authority)
    else:
        require(who, Action.MANAGE_PEOPLE, held.authority)
    if held.role not in (*GRANTABLE, Role.PROVIDER, Role.NODE_ADMINISTRATOR):
        raise NotAllowed(f"Nobody is made {held.role} by a grant.")


def _not_oneself(who: Principal, account: str) -> None:
    if who.id == f"person:{account}":
        raise OwnRoles(
            "Nobody changes their own roles or disables their own account. Ask another "
            "administrator"
        )


def _all_of_it(connection: Connection, who: Principal, account: str) -> Account:
    """An account of which they may manage every role. Raises NoSuchPerson, WorksElsewhere."""
    found = _by_id(connection, account)
    for one in found.held:
        wanted = Action.MANAGE_PEOPLE if one.authority else Action.RUN_NODE
        if not may(who, wanted, one.authority):
            raise WorksElsewhere(
                "This account opens more than you look after. Withdraw the roles for your "
                "authority, which takes effect at once, and ask the node’s administrators for the "
                "rest"
            )
    if not found.held:
        require(who, Action.RUN_NODE)
    return found


def _somebody_is_left(connection: Connection, account: str, held: Sequence[Held]) -> None:
    hold(connection, "administrators")  # two who take each other's role at once leave one
    for one in held:
        if one.role in _ADMINISTRATORS and not others_with(connection, account, one):
            raise LastAdministrator(
                "They are the last "
                f"{one.role}: nobody else could invite people or disable accounts. Give somebody "
                "else the role first, or say that you mean it"
            )


def _by_id(connection: Connection, account: str) -> Account:
    row = connection.execute(select(person).where(person.c.id == account)).one_or_none()
    if row is None:
        raise NoSuchPerson("There is no such person")
    return _account(connection, row)


def _account(connection: Connection, row: Any) -> Account:
    held = tuple(held_by(connection, row.id))
    is_set_up = row.password_hash is not None and row.totp_secret is not None
    return Account(row.id, row.email, row.name, held, is_set_up, row.disabled_at)
