"""The full document of a home, where it is kept: by the authority of its area, sealed at rest.

It is never published, and in no log. What is kept is clean already: nobody is given its metadata.
"""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from directory.providers.documents.cleaning import cleaned
from directory.providers.documents.errors import NothingHeld
from directory.providers.documents.models import full_document
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, writing
from protocols.attachments import MediaType

_TABLE = "full_document"


@dataclass(frozen=True, slots=True)
class Held:
    """That a document is kept, without it. `size` in bytes."""

    type: MediaType
    size: int
    kept_at: datetime
    kept_by: str


def keep_document(node: Node, who: Principal, authority: str, urn: str, data: bytes) -> None:
    """Keep a home's full document, in the place of the one before.

    Raises NotAllowed, or Unfit where it is no document that can be kept.
    """
    require(who, Action.KEEP_DOCUMENTS, authority)
    kind, clean = cleaned(data)  # before the transaction: it may take half a minute
    with writing(node.node_db) as connection:
        keep_cleaned(connection, node, who, authority, urn, kind, clean)


def keep_cleaned(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    urn: str,
    kind: MediaType,
    clean: bytes,
) -> None:
    """The same with one that is clean, in the caller's transaction. Raises NotAllowed."""
    require(who, Action.KEEP_DOCUMENTS, authority)
    made = token_hex(16)
    _destroy(connection, node, _of(authority, urn))
    connection.execute(
        insert(full_document).values(
            urn=urn,
            authority=authority,
            id=made,
            type=kind,
            size=len(clean),
            content=Vault(connection, node).seal(_TABLE, "content", made, clean),
            kept_at=node.now(),
            kept_by=who.name[:200],
        )
    )
    _note(connection, node, who, authority, urn, "kept")


def remove_document(
    connection: Connection, node: Node, who: Principal, authority: str, urn: str
) -> None:
    """Destroy the document that is kept of a home. Raises NotAllowed."""
    require(who, Action.KEEP_DOCUMENTS, authority)
    if _destroy(connection, node, _of(authority, urn)):
        _note(connection, node, who, authority, urn, "destroyed")


def held(connection: Connection, authority: str, urn: str) -> Held | None:
    """What is kept of a home, without the document; None where nothing is."""
    names = [full_document.c[name] for name in Held.__dataclass_fields__]
    row = connection.execute(select(*names).where(_of(authority, urn))).one_or_none()
    return Held(*row) if row else None


def open_document(
    connection: Connection, node: Node, authority: str, urn: str
) -> tuple[MediaType, bytes]:
    """The document that is kept of a home. Raises NothingHeld, or a VaultError."""
    row = connection.execute(select(full_document).where(_of(authority, urn))).one_or_none()
    if row is None:
        raise NothingHeld(f"No document of {urn} is kept here. Keep one, and give it then")
    content = Vault(connection, node).open(_TABLE, "content", row.id, row.content)
    return row.type, content


def _of(authority: str, urn: str) -> ColumnElement[bool]:
    return (full_document.c.urn == urn) & (full_document.c.authority == authority)


def destroy_documents(connection: Connection, node: Node, urn: str) -> bool:
    """Destroy what is kept of a home that is erased, for good; gives whether there was anything."""
    return _destroy(connection, node, full_document.c.urn == urn)


def _destroy(connection: Connection, node: Node, which: ColumnElement[bool]) -> bool:
    gone = connection.scalars(
        delete(full_document).where(which).returning(full_document.c.id)
    ).all()
    Vault(connection, node).destroy(_TABLE, gone)
    return bool(gone)


def _note(
    connection: Connection, node: Node, who: Principal, authority: str, urn: str, what: str
) -> None:
    note(
        connection,
        node,
        who,
        Action.KEEP_DOCUMENTS,
        authority=authority,
        record=f"home/{urn}",
        detail=f"full document {what}",
    )
