"""What both databases' migrations share: which tables each has, and how a step is run."""

from alembic import context
from sqlalchemy import Connection, MetaData

import directory.audit.models
import directory.homes.models
import directory.notices.models
import directory.ofsted.models
import directory.publishing.models
import directory.systems.models
import directory.unredacted.models
import directory.vault.models  # noqa: F401 - imported so that their tables are known
import federation
from directory.database import node_metadata, replica_metadata

METADATA: dict[str, list[MetaData]] = {
    "node": [federation.node_metadata, node_metadata],
    "replica": [federation.replica_metadata, replica_metadata],
}


def run(database: str) -> None:
    """Bring the connection that `directory.database` hands over up to the newest step."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=METADATA[database])
    context.run_migrations()
