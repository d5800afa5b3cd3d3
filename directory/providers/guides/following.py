"""Children's guides follow an authority into the one that it was merged into, with their pictures;
links that were given to children open them as before.
"""

from sqlalchemy import Connection, delete, select, update

from directory.providers.guides.models import guide, guide_link, guide_picture
from directory.providers.guides.pictures import TABLE as PICTURES
from directory.providers.guides.writing import TABLE, record_of
from directory.security.vault.service import Vault
from federation import Node


def follow_guides(connection: Connection, node: Node, gss: str, successor: str) -> None:
    """Make the guides of an authority its successor's, in the caller's transaction. What both have
    of one home, the successor keeps.
    """
    vault = Vault(connection, node)
    for row in connection.execute(select(guide).where(guide.c.authority == gss)).all():
        mine = (guide.c.authority == gss) & (guide.c.urn == row.urn)
        before = record_of(row.urn, gss)
        there = (guide.c.authority == successor) & (guide.c.urn == row.urn)
        if connection.scalar(select(guide.c.urn).where(there)):
            connection.execute(delete(guide).where(mine))
            _drop_pictures(connection, node, gss, row.urn)
        else:
            body = vault.open(TABLE, "body", before, row.body)
            sealed = vault.seal(TABLE, "body", record_of(row.urn, successor), body)
            connection.execute(update(guide).where(mine).values(authority=successor, body=sealed))
        vault.destroy(TABLE, [before])
    for table in (guide_picture, guide_link):
        connection.execute(
            update(table).where(table.c.authority == gss).values(authority=successor)
        )


def _drop_pictures(connection: Connection, node: Node, gss: str, urn: str) -> None:
    gone = connection.scalars(
        delete(guide_picture)
        .where(guide_picture.c.authority == gss, guide_picture.c.urn == urn)
        .returning(guide_picture.c.id)
    ).all()
    Vault(connection, node).destroy(PICTURES, gone)
