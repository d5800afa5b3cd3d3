"""The tables of a node's two databases: `node.db`, durable, and `replica.db`, rebuildable."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from federation import forget_deleted, open_database, writing

node_metadata = MetaData()
replica_metadata = MetaData()

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(folder: Path) -> None:
    """Bring both databases of a data directory up to this software's schema, each in one step.

    A step that seals what is confidential makes the key for it in `keys`, beside the node's keys.
    """
    for name, durable in (("node", True), ("replica", False)):
        engine = open_database(folder / f"{name}.db", durable=durable)
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS / name).replace("%", "%%"))
        with writing(engine) as connection:
            before = MigrationContext.configure(connection).get_current_heads()
            config.attributes["connection"] = connection
            config.attributes["keys"] = folder / "keys"
            command.upgrade(config, "head")
            after = MigrationContext.configure(connection).get_current_heads()
        if before != after:
            forget_deleted(engine)  # what a step has sealed, stood there in the clear
        engine.dispose()
