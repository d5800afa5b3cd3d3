"""The tables of a node's two databases: `node`, durable, and `replica`, rebuildable."""

from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from federation import changing_schema, forget_deleted, open_database

node_metadata = MetaData()
replica_metadata = MetaData()

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(folder: Path, database: str | None = None) -> None:
    """Bring both databases of a data directory up to this software's schema, each in one step.

    `database` is the address of a PostgreSQL database, see federation's `open_database`. A process
    that comes while another does this waits, and finds nothing left to do. A step that seals what
    is confidential makes the key for it in `keys`, beside the node's keys.
    """
    names: tuple[Literal["node"], Literal["replica"]] = ("node", "replica")
    for name in names:
        engine = open_database(folder, name, database)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS / name).replace("%", "%%"))
        try:
            with changing_schema(engine) as connection:
                before = MigrationContext.configure(connection).get_current_heads()
                config.attributes["connection"] = connection
                config.attributes["keys"] = folder / "keys"
                command.upgrade(config, "head")
                after = MigrationContext.configure(connection).get_current_heads()
            if before != after:
                forget_deleted(engine)  # what a step has sealed, stood there in the clear
        finally:
            engine.dispose()
