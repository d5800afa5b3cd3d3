"""Opening a node with what this package makes of its records and messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from directory.arriving import receive
from directory.database import migrate
from directory.homes.projection import project
from directory.security.vault.erasures import replay_erasures
from directory.settings import read_settings
from federation import Node, destroy_again, open_node, refuse_foreign


@contextmanager
def opened(folder: Path) -> Iterator[Node]:
    """The node in a data directory, its databases up to date, and what was destroyed not brought
    back by a backup; closed at the end."""
    settings = read_settings()
    where = settings.database
    node = open_node(folder, project, receive, ca_bundle=settings.ca_bundle, database=where)
    try:
        migrate(folder, where)
        refuse_foreign(node)
        replay_erasures(node)
        destroy_again(node)
        yield node
    finally:
        node.close()
