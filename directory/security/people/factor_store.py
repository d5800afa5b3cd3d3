"""A person's second factor in the database: sealed there, so that a copy of it gives no code."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from directory.security.people.models import person
from directory.security.vault.service import Vault
from federation import Node

IN_USE, PENDING = "totp_secret", "totp_pending"


@dataclass(frozen=True, slots=True)
class Factors:
    """The secret in use, and one that is being set up; None where there is none."""

    in_use: bytes | None
    pending: bytes | None


def read_factors(connection: Connection, node: Node, who: str) -> Factors:
    """A person's secrets, open."""
    row = connection.execute(
        select(person.c.totp_secret, person.c.totp_pending).where(person.c.id == who)
    ).one()
    vault = Vault(connection, node)
    return Factors(
        vault.open("person", IN_USE, who, row.totp_secret) if row.totp_secret else None,
        vault.open("person", PENDING, who, row.totp_pending) if row.totp_pending else None,
    )


def keep_factors(
    connection: Connection, node: Node, who: str, secrets: Mapping[str, bytes | None]
) -> None:
    """Seal and keep secrets by column; None takes one away."""
    vault = Vault(connection, node)
    sealed = {
        column: vault.seal("person", column, who, secret) if secret else None
        for column, secret in secrets.items()
    }
    connection.execute(update(person).where(person.c.id == who).values(sealed))
