"""Destroying what is kept of approvals with their placements, and consultations that came."""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, Select, delete, select

from directory.placing.approvals.models import (
    approval,
    received_consultation,
    sent_consultation,
)
from directory.security.vault.service import Vault
from federation import Node
from protocols.consultations import Consultation, decode_consultation_body


def destroy_approvals(connection: Connection, vault: Vault, placements: Select[tuple[str]]) -> None:
    """Destroy the approvals and consultations of these placements, rows and keys, for good."""
    for table, key in ((approval, "placement"), (sent_consultation, "id")):
        gone = connection.scalars(
            delete(table).where(table.c.placement.in_(placements)).returning(table.c[key])
        ).all()
        vault.destroy(table.name, gone)


def received_bodies(
    connection: Connection, node: Node, area: str
) -> Iterator[tuple[str, str, Consultation]]:
    """Id, who asked and what was said, of each consultation that came for an authority, but of
    those that were destroyed. Raises a VaultError.
    """
    table = received_consultation.c
    rows = connection.execute(
        select(table.id, table.placing_authority, table.body).where(table.area_authority == area)
    ).all()
    sealed = {f"{row.placing_authority}/{row.id}": row.body for row in rows}
    opened = Vault(connection, node).open_all("received_consultation", "body", sealed)
    for row in rows:
        record = f"{row.placing_authority}/{row.id}"
        body = decode_consultation_body(opened[record]) if record in opened else None
        if isinstance(body, Consultation):
            yield row.id, row.placing_authority, body


def destroy_received(
    connection: Connection, node: Node, received: Collection[tuple[str, str]]
) -> None:
    """Destroy consultations that came, by who asked and id, rows and keys, for good."""
    table = received_consultation
    for placing, number in received:
        connection.execute(
            delete(table).where(table.c.id == number, table.c.placing_authority == placing)
        )
    records = [f"{placing}/{number}" for placing, number in received]
    Vault(connection, node).destroy(table.name, records)
