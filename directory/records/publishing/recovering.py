"""What this node published, known again after its log was read back from the other members."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select

from directory.records.publishing.models import published
from directory.records.publishing.service import reference_of
from directory.security.audit.anchoring import REFERENCE
from federation import Node, in_parts, staged_references, upsert
from protocols.errors import ProtocolError
from protocols.records import Anchor, decode_record


class Publications:
    """Federation's `Recall` for the records of this package."""

    def reference_of(self, record: bytes) -> str | None:
        """As `publish` and the anchors stage it."""
        try:
            read = decode_record(record)
        except ProtocolError:
            return None
        return REFERENCE if isinstance(read, Anchor) else reference_of(read)

    def recall(self, connection: Connection, node: Node, current: Mapping[str, bytes]) -> None:
        """Only what is current counts as published, and what waits to be. A record whose payload
        is gone does not: so it is published again.
        """
        staged = staged_references(connection)
        known = set(connection.scalars(select(published.c.reference)))
        for part in in_parts(known - current.keys() - staged):
            connection.execute(delete(published).where(published.c.reference.in_(part)))
        rows = [
            {"reference": reference, "digest": digest}
            for reference, digest in current.items()
            if reference not in staged and reference != REFERENCE
        ]
        if rows:
            statement = upsert(connection, published)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["reference"], set_={"digest": statement.excluded.digest}
                ),
                rows,
            )
