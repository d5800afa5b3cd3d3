"""What the worker does about who lives in homes: what waits is held once more against what came
since, should it have been missed; what is over is let go of.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from directory.hosting.homes.answering import forget_asked
from directory.hosting.homes.models import home_notice
from directory.hosting.homes.pairing import pair
from directory.hosting.homes.residents import forget_residents
from directory.notices.following.keeping import fill_in
from federation import Node, forget_deleted, reading, writing

_EVERY = timedelta(minutes=10)


class PairAgain:
    """Looks every ten minutes; what comes, or is entered, is matched in its own transaction."""

    def __init__(self) -> None:
        self._last: datetime | None = None

    def __call__(self, node: Node) -> None:
        """Match what waits in the areas of this node, by the columns that an earlier release left
        empty, too, and let go of what is over.
        """
        now = node.now()
        if self._last and now - self._last < _EVERY:
            return
        self._last = now
        with reading(node.node_db) as connection:
            waits = (
                home_notice.c.match.is_(None)
                & home_notice.c.withdrawn_at.is_(None)
                & home_notice.c.area.in_(node.member.area)
            )
            areas = connection.scalars(select(home_notice.c.area).where(waits).distinct()).all()
        with writing(node.node_db) as connection:
            fill_in(connection, node)
            gone = forget_residents(connection, node) + forget_asked(connection, node)
        if gone:
            forget_deleted(node.node_db)
        for area in areas:
            with writing(node.node_db) as connection:
                pair(connection, node, area)
