"""What was set aside is looked at again when it may count: as out of its author's area when the
charter changes, as of an unknown schema or authority at the start, after which it may be known.

An author may hear of a new charter before we do, and publish for an authority that it serves by it.
"""

from collections.abc import Sequence

from sqlalchemy import delete, select

from directory.country.authorities.former import former_authorities, standing_today
from directory.homes.models import home, quarantine
from directory.homes.projection import (
    OUT_OF_AREA,
    UNKNOWN_AUTHORITY,
    is_in_area,
    project,
)
from federation import FollowedLog, Node, followed_logs, in_parts, read_entries, reading, writing
from protocols.charter import Member
from protocols.errors import UnknownSchema


class Reconsider:
    """Looks once at each version of the charter, and at the start."""

    def __init__(self) -> None:
        self._digest = ""

    def __call__(self, node: Node) -> None:
        """Let those count that do by the charter that is kept to now."""
        kept = node.charters.latest
        if kept.digest == self._digest:
            return
        with reading(node.replica) as connection:
            logs = followed_logs(connection).values()
        reasons = [OUT_OF_AREA]
        if not self._digest:
            reasons += [UNKNOWN_AUTHORITY, UnknownSchema.__name__]
        for log in logs:
            if member := kept.charter.member(log.node):
                author = node.charters.as_author(member)
                reconsider(node, log, author, reasons)
                if not self._digest:
                    move_merged(node, log, author)
        self._digest = kept.digest


def reconsider(
    node: Node, log: FollowedLog, author: Member, reasons: Sequence[str] = (OUT_OF_AREA,)
) -> None:
    """Let records count that were set aside for these reasons, can be read, and are about where
    their author serves.
    """
    aside = (quarantine.c.log == log.id) & quarantine.c.reason.in_(reasons)
    with reading(node.replica) as connection:
        waiting = connection.scalars(select(quarantine.c.entry).where(aside)).all()
    for part in in_parts(set(waiting)):
        with writing(node.replica) as connection:
            # Only what is still set aside, now that nobody else writes it.
            still = aside & quarantine.c.entry.in_(part)
            held = connection.scalars(
                select(quarantine.c.entry).where(still).with_for_update()
            ).all()
            counts = [
                entry
                for entry in read_entries(connection, log.id, held)
                if entry.record is not None and is_in_area(entry.record, author.area)
            ]
            if counts:
                indexes = [entry.index for entry in counts]
                connection.execute(
                    delete(quarantine).where(aside & quarantine.c.entry.in_(indexes))
                )
                project(connection, log, author, counts)


def move_merged(node: Node, log: FollowedLog, author: Member) -> None:
    """Let homes that are shown in an authority which was merged into one other stand there."""
    merged = [one.gss for one in former_authorities() if standing_today(one.gss) != one.gss]
    mine = (home.c.log == log.id) & home.c.authority.in_(merged)
    with reading(node.replica) as connection:
        held = connection.scalars(select(home.c.entry).where(mine)).all()
    for part in in_parts(set(held)):
        with writing(node.replica) as connection:
            project(connection, log, author, read_entries(connection, log.id, part))
