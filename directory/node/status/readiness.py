"""Whether a node can do its work now, and where not, why: for what starts and watches it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from directory.database import MIGRATIONS
from federation import (
    FederationError,
    Node,
    explain_storage,
    last_beat,
    reading,
    refuse_fork,
)
from protocols.errors import ProtocolError

ALIVE = timedelta(minutes=1)
"""How long ago a worker may have been seen that is alive: it shows itself every few seconds, but
for while it makes many thousands of entries.
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a node needs. `why` says what is wrong with it, and what to do; or nothing."""

    name: str
    why: str

    @property
    def ready(self) -> bool:
        """Whether it is as it should be."""
        return not self.why


def readiness(node: Node) -> list[Check]:
    """What a node needs to do its work, in the order in which one rests on the other."""
    return [Check(name, _tried(check, node)) for name, check in _CHECKS.items()]


def _tried(check: Callable[[Node], str], node: Node) -> str:
    try:
        return check(node)
    except (DBAPIError, OSError) as error:
        return explain_storage(error)
    except (FederationError, ProtocolError) as error:
        return str(error)


def _database(node: Node) -> str:
    for name, engine in (("node", node.node_db), ("replica", node.replica)):
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS / name).replace("%", "%%"))
        wanted = ScriptDirectory.from_config(config).get_current_head()
        with reading(engine) as connection:
            held = MigrationContext.configure(connection).get_current_revision()
        if held != wanted:
            return (
                f"The database {name} has the schema {held or 'none'}, and this software needs "
                f"{wanted}: its worker brings it up to date at its start, 'hearth run'."
            )
    return ""


def _keys(node: Node) -> str:
    node.keys.check(node.member)
    node.high_water()
    return ""


def _worker(node: Node) -> str:
    seen = last_beat(node)
    if seen is None:
        return "No worker has run yet: start it, 'hearth run --only worker'."
    if node.now() - seen.at > ALIVE:
        return (
            f"The worker was last seen on {seen.at:%d %B %Y at %H:%M:%S} UTC: see whether it runs, "
            "and its log."
        )
    return ""


def _signing(node: Node) -> str:
    with reading(node.node_db) as connection:
        refuse_fork(connection, node)
    seen = last_beat(node)
    return seen.why_not if seen and node.now() - seen.at <= ALIVE else ""


_CHECKS: dict[str, Callable[[Node], str]] = {
    "database": _database,
    "keys": _keys,
    "worker": _worker,
    "signing": _signing,
}
