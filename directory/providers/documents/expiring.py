"""What the worker does about documents: those whose time is over are destroyed."""

from sqlalchemy import Connection, select, update

from directory.providers.documents.asking import TABLE
from directory.providers.documents.models import document_asked, document_asking
from directory.security.vault.service import Vault
from federation import (
    DEAD,
    Node,
    dispatches,
    forget_attachments,
    forget_deleted,
    forget_enclosures,
    reading,
    writing,
)


def end_documents(node: Node) -> None:
    """Destroy the documents that were given to us so long ago, and what never reached its asker."""
    over = (document_asking.c.state == "here") & (document_asking.c.ends_at <= node.now())
    with reading(node.node_db) as connection:
        ended = connection.execute(select(document_asking).where(over)).all()
        lost = _undelivered(connection)
    if not ended and not lost:
        return
    with writing(node.node_db) as connection:
        Vault(connection, node).destroy(TABLE, [row.id for row in ended])
        for row in ended:
            forget_attachments(connection, row.area, row.message)
        connection.execute(
            update(document_asking)
            .where(document_asking.c.id.in_([row.id for row in ended]))
            .values(state="ended", reason=None, attachment=None)
        )
        for message in lost:
            forget_enclosures(connection, message)
            connection.execute(
                update(document_asked)
                .where(document_asked.c.message == message)
                .values(message=None)
            )
    forget_deleted(node.node_db)


def _undelivered(connection: Connection) -> list[str]:
    """The messages with a document that nobody took."""
    given = connection.scalars(
        select(document_asked.c.message).where(document_asked.c.message.is_not(None))
    ).all()
    return [one.id for one in dispatches(connection, given).values() if one.state in DEAD]
