"""The tables of a node's two databases: `node.db`, durable, and `replica.db`, rebuildable."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData

from federation import open_database, writing

node_metadata = MetaData()
replica_metadata = MetaData()

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(folder: Path) -> None:
    """Bring both databases of a data directory up to this software's schema, each in one step."""
    for name, durable in (("node", True), ("replica", False)):
        engine = open_database(folder / f"{name}.db", durable=durable)
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS / name).replace("%", "%%"))
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        engine.dispose()
