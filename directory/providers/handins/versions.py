"""Which version of a record something that was handed in has become, by the log that holds it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from directory.homes.history import Version
from directory.providers.statements.published import Published
from federation import Node
from protocols.profiles import Profile
from protocols.records import encode_record


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A version in the log of the node that publishes a home. The first has the number 1."""

    number: int
    node: str
    published_at: datetime
    is_current: bool
    digest: bytes


def versions_by(
    node: Node, authority: str, versions: Iterable[Version | Published]
) -> list[PublishedVersion]:
    """Those of the node that serves an authority, the first one first."""
    serving = node.charter.serving(authority)
    by = serving[0].node if serving else None
    theirs = [one for one in versions if one.log.node == by]
    return [
        PublishedVersion(
            number,
            one.log.node,
            one.published_at,
            one.ended_at is None,
            sha256(encode_record(one.record)).digest(),
        )
        for number, one in enumerate(sorted(theirs, key=lambda one: one.entry), 1)
    ]


def profiles_only(versions: Iterable[Version]) -> list[Version]:
    """Of the versions of a home, those of its profile."""
    return [one for one in versions if isinstance(one.record, Profile)]
