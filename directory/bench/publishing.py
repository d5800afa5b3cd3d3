"""A node whose log is long."""

from collections.abc import Iterable, Iterator
from itertools import islice

from directory.records.publishing.service import publish
from federation import Node, sequence, writing
from protocols.records import Home

AT_A_TIME = 50_000


def publish_all(node: Node, homes: Iterable[Home]) -> None:
    """Publish any number of homes, so many at a time that they fit into memory."""
    left: Iterator[Home] = iter(homes)
    while part := list(islice(left, AT_A_TIME)):
        with writing(node.node_db) as connection:
            publish(connection, node, part)
        sequence(node)
