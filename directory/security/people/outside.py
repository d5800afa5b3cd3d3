"""People whom their authority signs in: which account is theirs, and what its claims give them.

An account is tied to its provider by issuer and subject (OpenID Connect Core 1.0, section 5.7),
never by an email address alone. A provider speaks for one authority: its claims give and take roles
for that one, and never reach an account that has to do with another, or with the node. The second
factor is the provider's matter.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from directory.security.audit.service import note
from directory.security.people.accounts import normal_email
from directory.security.people.errors import NotAnEmail, OutsideRefused
from directory.security.people.grants import held_by
from directory.security.people.models import outside_attempt, outside_identity, person, role_grant
from directory.security.people.oidc import Asked
from directory.security.people.oidc_settings import OutsideProvider
from directory.security.people.sessions import Stage, end_all, start
from directory.security.rights.principal import NOBODY, Principal
from directory.security.rights.roles import Role
from federation import Node

LASTS = timedelta(minutes=10)
_NO_ROLE = "Your authority’s sign-in service gives you no role here. Ask whoever looks after it"


def begin(
    connection: Connection, node: Node, visit: str, authority: str, onwards: str | None
) -> Asked:
    """Remember what is about to be asked of a provider, for the browser with this visit's token."""
    asked = Asked(*(secrets.token_urlsafe(48) for _ in range(3)))
    now = node.now()
    connection.execute(delete(outside_attempt).where(outside_attempt.c.ends_at < now))
    connection.execute(
        insert(outside_attempt).values(
            state=_digest(asked.state),
            visit=_digest(visit),
            authority=authority,
            nonce=asked.nonce,
            verifier=asked.verifier,
            onwards=onwards,
            ends_at=now + LASTS,
        )
    )
    return asked


def come_back(
    connection: Connection, node: Node, visit: str, state: str
) -> tuple[str, Asked, str | None]:
    """What was asked, once: the authority, and where to go on to. Raises OutsideRefused."""
    here = (outside_attempt.c.state == _digest(state)) & (outside_attempt.c.visit == _digest(visit))
    row = connection.execute(
        select(outside_attempt).where(here, outside_attempt.c.ends_at > node.now())
    ).one_or_none()
    if row is None or connection.execute(delete(outside_attempt).where(here)).rowcount != 1:
        raise OutsideRefused(
            "You came back from a sign-in that was not begun in this browser, was begun too long "
            "ago, or was finished before. Begin again"
        )
    return row.authority, Asked(state, row.nonce, row.verifier), row.onwards


def let_in(
    connection: Connection,
    node: Node,
    authority: str,
    provider: OutsideProvider,
    claims: Mapping[str, Any],
    browser: str,
) -> str | OutsideRefused:
    """Sign in whom an authority's provider vouches for; gives a session's token, or why not.

    What is refused may have changed something all the same: who lost a claim lost the role.
    """
    if problem := _not_strong_enough(provider, claims):
        return problem
    roles = {
        provider.roles[value]
        for value in _listed(claims.get(provider.role_claim))
        if value in provider.roles
    }
    try:
        who = _account_of(connection, node, authority, provider, claims, make=bool(roles))
    except OutsideRefused as error:
        return error
    by = Principal(f"oidc:{authority}", provider.issuer, NOBODY.grants)
    _give_and_take(connection, node, by, who, authority, roles)
    if not held_by(connection, who):
        return OutsideRefused(_NO_ROLE)
    name = connection.scalar(select(person.c.name).where(person.c.id == who))
    themselves = Principal(f"person:{who}", str(name), NOBODY.grants)
    record, detail = f"person/{who}", "through the authority's provider"
    note(connection, node, themselves, "sign in", authority=authority, record=record, detail=detail)
    return start(connection, who, Stage.IN, browser, node.now())


def _account_of(
    connection: Connection,
    node: Node,
    authority: str,
    provider: OutsideProvider,
    claims: Mapping[str, Any],
    *,
    make: bool,
) -> str:
    """The account of a provider's subject, made or tied to it where that is safe."""
    issuer, subject = provider.issuer, str(claims["sub"])
    known = connection.execute(
        select(outside_identity.c.authority, person.c.id, person.c.disabled_at)
        .join(person, person.c.id == outside_identity.c.person)
        .where(outside_identity.c.issuer == issuer, outside_identity.c.subject == subject)
    ).one_or_none()
    if known:
        if known.disabled_at or known.authority != authority:
            raise OutsideRefused("This account is disabled. Ask an administrator of your authority")
        return str(known.id)
    if not make:
        raise OutsideRefused(_NO_ROLE)
    email = _email(claims)
    who = connection.scalar(select(person.c.id).where(person.c.email == email))
    if who is not None and not _is_theirs_alone(connection, who, authority):
        raise OutsideRefused(
            "There is an account with your email address that is not your authority’s alone. Ask "
            "the node’s administrators"
        )
    if who is None:
        who = secrets.token_hex(16)
        name = str(claims.get("name") or email)[:100]
        connection.execute(
            insert(person).values(id=who, email=email, name=name, created_at=node.now())
        )
    connection.execute(
        insert(outside_identity).values(
            issuer=issuer, subject=subject, person=who, authority=authority
        )
    )
    return str(who)


def _give_and_take(
    connection: Connection,
    node: Node,
    by: Principal,
    who: str,
    authority: str,
    roles: set[Role],
) -> None:
    """Bring the roles that came from claims in line with them; others are left as they are."""
    here = (role_grant.c.person == who) & (role_grant.c.authority == authority)
    from_claims = role_grant.c.granted_by == by.id
    had = {
        Role(one) for one in connection.scalars(select(role_grant.c.role).where(here, from_claims))
    }
    held = {Role(one) for one in connection.scalars(select(role_grant.c.role).where(here))}
    for role in sorted(had - roles):
        connection.execute(delete(role_grant).where(here, role_grant.c.role == role))
        _note_role(connection, node, by, "withdraw a role", who, authority, role)
    for role in sorted(roles - held):
        connection.execute(
            insert(role_grant).values(
                person=who,
                role=role,
                authority=authority,
                granted_by=by.id,
                granted_at=node.now(),
            )
        )
        _note_role(connection, node, by, "grant a role", who, authority, role)
    if had - roles or roles - held:
        end_all(connection, who)


def _note_role(
    connection: Connection,
    node: Node,
    by: Principal,
    action: str,
    who: str,
    authority: str,
    role: Role,
) -> None:
    record = f"person/{who}"
    note(connection, node, by, action, authority=authority, record=record, detail=role)


def _is_theirs_alone(connection: Connection, who: str, authority: str) -> bool:
    """Whether an account that is in use opens nothing but what is this authority's."""
    in_use = connection.scalar(
        select(person.c.id).where(person.c.id == who, person.c.disabled_at.is_(None))
    )
    theirs = held_by(connection, who)
    return in_use is not None and bool(theirs) and {one.authority for one in theirs} == {authority}


def _not_strong_enough(
    provider: OutsideProvider, claims: Mapping[str, Any]
) -> OutsideRefused | None:
    fits_amr = not provider.amr or set(provider.amr) & set(_listed(claims.get("amr")))
    fits_acr = not provider.acr or claims.get("acr") in provider.acr
    if fits_amr and fits_acr:
        return None
    return OutsideRefused(
        "Your authority’s sign-in service did not ask for a second factor, which is wanted here. "
        "Sign in to it with one"
    )


def _email(claims: Mapping[str, Any]) -> str:
    try:
        if claims.get("email_verified") is False:
            raise NotAnEmail("not verified")
        return normal_email(str(claims.get("email", "")))
    except NotAnEmail as error:
        raise OutsideRefused(
            "Your authority’s sign-in service gave no email address of yours that it has verified. "
            "Ask whoever looks after it"
        ) from error


def _listed(value: object) -> list[str]:
    """A claim that may be one text or a list of them."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
