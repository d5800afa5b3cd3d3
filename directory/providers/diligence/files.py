"""The document of an item, such as a certificate: sealed at rest, without its metadata, seen by the
provider's staff and by who checks. It is in no record.
"""

from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, select

from directory.providers.diligence.models import diligence_file
from directory.security.vault.service import Vault
from federation import Node
from protocols.attachments import MediaType

_TABLE = "diligence_file"


def keep_file(
    connection: Connection, node: Node, item: str, type_: MediaType, content: bytes
) -> None:
    """Keep the document of an item, which has none."""
    sealed = Vault(connection, node).seal(_TABLE, "content", item, content)
    connection.execute(
        insert(diligence_file).values(item=item, type=type_, size=len(content), content=sealed)
    )


def file_of(connection: Connection, node: Node, item: str) -> tuple[MediaType, bytes] | None:
    """The document of an item, if there is one."""
    row = connection.execute(
        select(diligence_file).where(diligence_file.c.item == item)
    ).one_or_none()
    if row is None:
        return None
    return row.type, Vault(connection, node).open(_TABLE, "content", item, row.content)


def with_files(connection: Connection, items: Collection[str]) -> frozenset[str]:
    """Those of these items that have a document."""
    rows = select(diligence_file.c.item).where(diligence_file.c.item.in_(items))
    return frozenset(connection.scalars(rows))


def destroy_files(connection: Connection, node: Node, items: Collection[str]) -> None:
    """Destroy the documents of items, for good."""
    connection.execute(delete(diligence_file).where(diligence_file.c.item.in_(items)))
    Vault(connection, node).destroy(_TABLE, items)
