"""Registering an authority's systems, revoking them, and telling who a token belongs to.

A secret has 256 random bits, so that a plain digest of it cannot be searched through; it is shown
once. A system is of one authority and never of another; its scopes are the most that its tokens
can have.
"""

import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select, update

from directory.security.audit.service import note
from directory.security.rights.principal import Grant, Principal
from directory.security.rights.roles import Scope
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.systems.errors import NoScopes, NoSuchSystem, NotBoth, NotServed
from directory.security.systems.models import system, system_token
from federation import Node

TOKEN_LIFE = timedelta(minutes=10)
_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class System:
    """A registered system."""

    id: str
    authority: str
    name: str
    provider: str | None
    scopes: str
    registered_at: datetime
    registered_by: str
    revoked_at: datetime | None


def register(
    connection: Connection,
    node: Node,
    who: Principal,
    *,
    authority: str,
    name: str,
    scopes: Collection[Scope],
    provider: str | None = None,
) -> tuple[str, str]:
    """Register a system of an authority (GSS code), or of a provider for whose staff it vouches;
    gives its id and its secret.

    Raises NotAllowed, NotServed, NoScopes, NotBoth.
    """
    require(who, Action.MANAGE_SYSTEMS, authority)
    if authority not in node.member.area:
        raise NotServed(
            f"This node does not serve {authority}; its own node registers its systems."
        )
    if not scopes:
        raise NoScopes(f"Say what the system may do: one or more of {', '.join(Scope)}.")
    if (set(scopes) == {Scope.PROVIDER_WORK}) is not (provider is not None):
        raise NotBoth(
            f"A provider's system has the scope {Scope.PROVIDER_WORK} and no other, and no other "
            "system has it. Name the provider as its staff bear it, or choose other scopes."
        )
    client, secret = secrets.token_hex(16), secrets.token_urlsafe(32)
    connection.execute(
        insert(system).values(
            id=client,
            authority=authority,
            name=name,
            provider=provider,
            scopes=" ".join(sorted(set(scopes))),
            secret_digest=digest(secret),
            registered_at=node.now(),
            registered_by=who.id,
        )
    )
    _note(connection, node, who, authority, client, "registered")
    return client, secret


def systems(connection: Connection, who: Principal, authority: str) -> list[System]:
    """Every system of an authority, the revoked ones too. Raises NotAllowed."""
    require(who, Action.MANAGE_SYSTEMS, authority)
    columns = [system.c[name] for name in System.__dataclass_fields__]
    rows = connection.execute(
        select(*columns)
        .where(system.c.authority == authority)
        .order_by(system.c.registered_at, system.c.id)
    )
    return [System(*row) for row in rows]


def revoke(
    connection: Connection, node: Node, who: Principal, *, authority: str, client: str
) -> None:
    """End a system, and its tokens at once. Raises NotAllowed, NoSuchSystem."""
    require(who, Action.MANAGE_SYSTEMS, authority)
    ended = connection.execute(
        update(system)
        .where(
            system.c.id == client, system.c.authority == authority, system.c.revoked_at.is_(None)
        )
        .values(revoked_at=node.now())
    )
    if not ended.rowcount:
        raise NoSuchSystem(f"{authority} has no system {client} that is in use; list them first.")
    connection.execute(delete(system_token).where(system_token.c.system == client))
    _note(connection, node, who, authority, client, "revoked")


def system_with(connection: Connection, client: str, secret: str) -> System | None:
    """The system in use of this id and secret; None if the id, the secret or both are wrong."""
    if not _ID.fullmatch(client):
        return None
    row = connection.execute(
        select(system).where(system.c.id == client, system.c.revoked_at.is_(None))
    ).one_or_none()
    kept = row.secret_digest if row else b""
    if not hmac.compare_digest(kept, digest(secret)) or row is None:
        return None
    return System(*(getattr(row, name) for name in System.__dataclass_fields__))


def keep_token(connection: Connection, client: str, token: str, scopes: str, now: datetime) -> None:
    """Keep the digest of a token until it expires, and drop those that have."""
    connection.execute(delete(system_token).where(system_token.c.expires < now))
    connection.execute(
        insert(system_token).values(
            digest=digest(token), system=client, scopes=scopes, expires=now + TOKEN_LIFE
        )
    )


def principal_of(connection: Connection, token: str, now: datetime) -> Principal | None:
    """The system that holds a token, with the scopes of the token; None if nobody does."""
    row = connection.execute(
        select(system.c.id, system.c.name, system.c.authority, system_token.c.scopes)
        .join_from(system_token, system)
        .where(
            system_token.c.digest == digest(token),
            system_token.c.expires > now,
            system.c.revoked_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    grants = frozenset(Grant(Scope(one), row.authority) for one in row.scopes.split())
    return Principal(f"system:{row.id}", row.name, grants)


def _note(
    connection: Connection, node: Node, who: Principal, authority: str, client: str, what: str
) -> None:
    record = f"system/{client}"
    note(
        connection,
        node,
        who,
        Action.MANAGE_SYSTEMS,
        authority=authority,
        record=record,
        detail=what,
    )


def digest(secret: str) -> bytes:
    """What is kept of a secret or a token."""
    return sha256(secret.encode()).digest()
