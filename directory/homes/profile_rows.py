"""Which entry of a log is the profile of a home: that of the latest, whatever came first."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from directory.homes.models import profile
from federation import FollowedLog, as_rows, in_parts, read_entries, upsert
from protocols.following import VerifiedEntry
from protocols.profiles import Profile


def add_profiles(
    connection: Connection, log: FollowedLog, profiles: dict[str, VerifiedEntry]
) -> None:
    """Note which entry's word counts; that of a later entry, whatever came first."""
    if not profiles:
        return
    statement = upsert(connection, profile)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["log", "urn"],
            set_={"entry": statement.excluded.entry},
            where=statement.excluded.entry > profile.c.entry,
        ),
        [{"log": log.id, "entry": one.index, "urn": urn} for urn, one in profiles.items()],
    )


def read_profiles(
    connection: Connection, log: FollowedLog, urns: Sequence[str]
) -> dict[str, tuple[int, Profile]]:
    """The profiles of homes, each with its entry."""
    found = connection.scalars(
        select(profile.c.entry).where(
            profile.c.log == log.id, profile.c.urn.in_(as_rows(connection, urns))
        )
    ).all()
    read: dict[str, tuple[int, Profile]] = {}
    for part in in_parts(found):
        for one in read_entries(connection, log.id, part):
            if isinstance(one.record, Profile):
                read[one.record.urn] = (one.index, one.record)
    return read


def drop_profiles(connection: Connection, log: FollowedLog, entries: Sequence[int]) -> set[str]:
    """Forget those of some entries; gives the URNs of their homes."""
    gone = (profile.c.log == log.id) & profile.c.entry.in_(entries)
    urns = set(connection.scalars(select(profile.c.urn).where(gone)))
    connection.execute(delete(profile).where(gone))
    return urns
