"""What both databases' migrations share: which tables each has, and how a step is run."""

from alembic import context
from sqlalchemy import Connection, MetaData

import directory.alerts.models
import directory.api.models
import directory.choosing.commissioning.models
import directory.compliance.models
import directory.homes.models
import directory.hosting.census.models
import directory.hosting.homes.models
import directory.hosting.partners.models
import directory.notices.models
import directory.placing.approvals.models
import directory.placing.importing.models
import directory.placing.register.models
import directory.placing.telling.models
import directory.privacy.emergencies.models
import directory.privacy.restricting.models
import directory.providers.documents.models
import directory.providers.guides.models
import directory.providers.handins.models
import directory.providers.statements.models
import directory.records.ofsted.models
import directory.records.publishing.models
import directory.records.unredacted.models
import directory.security.audit.models
import directory.security.mail.models
import directory.security.people.models
import directory.security.systems.models
import directory.security.unsent.models
import directory.security.vault.models  # noqa: F401 - imported so that their tables are known
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
    if connection.dialect.name == "postgresql":
        _compare_by_code_point(connection)


def _compare_by_code_point(connection: Connection) -> None:
    """Give every text column the collation "C".

    So both databases put text into the same order, and an index outlives a new C library. What a
    computed column depends on keeps its collation: nothing is put in order by it.
    """
    connection.exec_driver_sql(_COLLATE)


_COLLATE = """
DO $$
DECLARE
    it record;
BEGIN
    FOR it IN
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
            AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attcollation = 'pg_catalog."default"'::regcollation
            AND NOT EXISTS (SELECT FROM pg_attribute g WHERE g.attrelid = c.oid
                AND g.attgenerated <> '')
    LOOP
        EXECUTE 'ALTER TABLE ' || quote_ident(it.relname) || ' ALTER COLUMN '
            || quote_ident(it.attname) || ' TYPE ' || it.type || ' COLLATE "C"';
    END LOOP;
END $$
"""
