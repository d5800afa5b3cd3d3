"""What a home of this node says of itself now, and what is to take its place."""

from dataclasses import dataclass

from sqlalchemy import Connection

from directory.homes.said import Said, said_of
from directory.providers.profiles.errors import NoSuchHome
from directory.records.publishing.service import of_home, profile_of
from directory.records.release.held import Held, held_records
from directory.security.rights.principal import Principal
from federation import Node, latest_records
from protocols.profiles import Profile
from protocols.records import Home, decode_record


@dataclass(frozen=True, slots=True)
class Written:
    """A home, what it says now, and what of it waits for release or was returned."""

    home: Home
    said: Said | None
    held: Held | None

    @property
    def latest(self) -> Said | None:
        """What is written down last, published or not."""
        if self.held and isinstance(self.held.record, Profile):
            return said_of(self.home, self.held.record)
        return self.said


def written_of(
    connection: Connection, node: Node, who: Principal, authority: str, urn: str
) -> Written:
    """What is written of a home that this node publishes. Raises NotAllowed, NoSuchHome."""
    references = [of_home(urn), profile_of(urn)]
    records = [decode_record(data) for data in latest_records(connection, references).values()]
    home = next((one for one in records if isinstance(one, Home)), None)
    if home is None or home.authority != authority:
        raise NoSuchHome(
            f"This node publishes no home {urn} of this authority, so nothing can be written of it."
        )
    profile = next((one for one in records if isinstance(one, Profile)), None)
    held = [
        one
        for one in held_records(connection, node, who, authority)
        if isinstance(one.record, Profile) and one.record.urn == urn
    ]
    return Written(home, said_of(home, profile), held[0] if held else None)
