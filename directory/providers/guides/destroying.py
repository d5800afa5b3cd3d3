"""Destroying the children's guide of a home that is erased: with its pictures and its links."""

from sqlalchemy import Connection, delete

from directory.providers.guides.models import guide, guide_link, guide_picture
from directory.providers.guides.pictures import TABLE as PICTURES
from directory.providers.guides.writing import TABLE as GUIDES
from directory.providers.guides.writing import record_of
from directory.security.vault.service import Vault
from federation import Node


def destroy_guides(connection: Connection, node: Node, urn: str) -> bool:
    """Destroy the guides of a home, for good; gives whether there was any."""
    connection.execute(delete(guide_link).where(guide_link.c.urn == urn))
    written = connection.execute(
        delete(guide).where(guide.c.urn == urn).returning(guide.c.urn, guide.c.authority)
    ).all()
    pictures = connection.scalars(
        delete(guide_picture).where(guide_picture.c.urn == urn).returning(guide_picture.c.id)
    ).all()
    vault = Vault(connection, node)
    vault.destroy(GUIDES, [record_of(*row) for row in written])
    vault.destroy(PICTURES, pictures)
    return bool(written or pictures)
