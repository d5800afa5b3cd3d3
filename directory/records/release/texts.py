"""Which texts of a record are new, so that a second person has to read them.

Known are those of its latest version, wherever in it they stand, and those of the register:
Ofsted's own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection

from directory.intake.screening.service import free_texts
from directory.records.ofsted.service import listed_homes
from directory.records.publishing.service import (
    PROFILE_SOURCE,
    PROVIDER_SOURCE,
    home_record,
    reference_of,
)
from federation import latest_records
from protocols.commissioning import Commissioning
from protocols.profiles import Profile
from protocols.records import Home, decode_record
from protocols.statements import Statement

Written: TypeAlias = Home | Profile | Commissioning | Statement


@dataclass(frozen=True, slots=True)
class Change:
    """A free text that is new: where it stands, what stands there now, and what is to."""

    place: str
    before: str | None
    after: str


def known_texts(
    connection: Connection, records: Collection[Written]
) -> dict[str, list[dict[str, str]]]:
    """The texts of each record that need no release, by its reference: those of its latest version,
    or none, and then those of the register.
    """
    known: dict[str, list[dict[str, str]]] = {reference_of(one): [{}] for one in records}
    for reference, data in latest_records(connection, known.keys()).items():
        published = decode_record(data)
        if isinstance(published, Home | Profile | Commissioning | Statement):
            known[reference] = [free_texts(published)]
    sources = {"source.name": PROFILE_SOURCE, "source.name by provider": PROVIDER_SOURCE}
    for profile in (one for one in records if isinstance(one, Profile)):
        known[reference_of(profile)].append(sources)
    for one in listed_homes(connection, frozenset(one.authority for one in records)):
        reference = f"home/{one.registration.urn}"
        if reference in known and one.registration.registered_on:
            known[reference].append(free_texts(home_record(one)))
    return known


def changes(record: Written, known: Sequence[Mapping[str, str]]) -> list[Change]:
    """What is new in a record, beside its `known_texts`."""
    read = {text for each in known for text in each.values()}
    return [
        Change(place, known[0].get(place), text)
        for place, text in free_texts(record).items()
        if text not in read
    ]
