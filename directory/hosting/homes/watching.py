"""What the worker does about who lives in homes: what waits is held against what came since, in
whatever way (from another node, typed in, out of a list, or changed); what is over is let go of.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from directory.hosting.homes.answering import forget_asked
from directory.hosting.homes.models import home_notice
from directory.hosting.homes.pairing import pair
from directory.hosting.homes.residents import forget_residents
from federation import Node, forget_deleted, reading, writing

_EVERY = timedelta(minutes=10)


class PairAgain:
    """Looks every ten minutes; what comes from a node is matched as it comes."""

    def __init__(self) -> None:
        self._last: datetime | None = None

    def __call__(self, node: Node) -> None:
        """Match what waits in the areas of this node, and let go of what is over."""
        now = node.now()
        if self._last and now - self._last < _EVERY:
            return
        self._last = now
        with reading(node.node_db) as connection:
            waits = home_notice.c.match.is_(None) & home_notice.c.area.in_(node.member.area)
            areas = connection.scalars(select(home_notice.c.area).where(waits).distinct()).all()
        with writing(node.node_db) as connection:
            gone = forget_residents(connection, node) + forget_asked(connection, node)
        if gone:
            forget_deleted(node.node_db)
        for area in areas:
            with writing(node.node_db) as connection:
                pair(connection, node, area)
