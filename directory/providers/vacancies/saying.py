"""A provider's side: which of its homes have a vacancy, said in this node's snapshot and nowhere
else.

Nothing of it is in a database, a log, a backup or the audit, which says alone that somebody has
gone through their homes: when a bed was taken would tell of the child who took it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from directory.country.reference.working_days import london_day
from directory.providers.vacancies.errors import NotOurs, TooMany
from directory.providers.vacancies.rules import may_say
from directory.providers.vouching.register import KnownHome, known_homes
from directory.providers.vouching.workplace import OwnHome, own_homes
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, change_section, own_snapshot
from protocols.errors import Malformed
from protocols.snapshots import Snapshot, encode_section, section_of
from protocols.vacancies import MAX_VACANCIES, SaidElsewhere, Vacancies, Vacancy

SCHEMA = "vacancies/1"


@dataclass(frozen=True, slots=True)
class OwnVacancy:
    """A home of the provider's, and what it says of its vacancies, if anything."""

    home: OwnHome
    known: KnownHome | None
    said: Vacancy | None

    @property
    def is_asked(self) -> bool:
        """Whether commissioners are told to ask, and nothing can be said here."""
        return self.known is None or not may_say(self.known.places)


def own_vacancies(
    connection: Connection, replica: Connection, node: Node, who: Principal
) -> list[OwnVacancy]:
    """The homes that somebody's providers run, as was confirmed, and what each says.

    Raises NotAllowed.
    """
    require(who, Action.SAY_VACANCIES)
    homes = [one for one in own_homes(connection, node, who) if one.state == "confirmed"]
    known = known_homes(replica, [one.urn for one in homes])
    said = said_here(own_snapshot(node))
    return [OwnVacancy(one, known.get(one.urn), said.get(one.urn)) for one in homes]


def say(
    connection: Connection,
    replica: Connection,
    node: Node,
    who: Principal,
    vacancies: Mapping[str, Vacancy | None],
) -> None:
    """Say of homes, by URN, which vacancies they have; of None nothing more is said.

    Raises NotAllowed, NotOurs, TooMany.
    """
    ours = {one.home.urn: one for one in own_vacancies(connection, replica, node, who)}
    for urn, vacancy in vacancies.items():
        own = ours.get(urn)
        if own is None or (vacancy is not None and own.is_asked):
            raise NotOurs(f"{urn} is no home of yours of which vacancies are said")
    _note(connection, node, who, {ours[urn].home.workplace.through for urn in vacancies})
    put(node, vacancies)


def confirm_all(
    connection: Connection, replica: Connection, node: Node, who: Principal
) -> Sequence[str]:
    """Say today that nothing has changed in any home of which something is said; gives the URNs.

    Raises NotAllowed.
    """
    today = london_day(node.now())
    every = [one for one in own_vacancies(connection, replica, node, who) if one.said]
    _note(connection, node, who, {one.home.workplace.through for one in every})
    put(
        node,
        {one.home.urn: replace(one.said, said_on=today) for one in every if one.said},
    )
    return [one.home.urn for one in every]


def put(node: Node, vacancies: Mapping[str, Vacancy | None]) -> None:
    """Change what our snapshot says of homes, and leave the others. Raises TooMany."""

    def change(before: Snapshot | None) -> msgspec.Raw | None:
        said = {**said_here(before), **vacancies}
        elsewhere = section_of(before, Vacancies) if before else None
        return as_section(
            [one for one in said.values() if one], elsewhere.elsewhere if elsewhere else ()
        )

    try:
        change_section(node, SCHEMA, change)
    except Malformed as error:
        raise TooMany(
            f"This node can speak for {MAX_VACANCIES:,} homes, and there are too many now. Nothing "
            "was saved. Tell the people who run the node"
        ) from error


def as_section(
    homes: Collection[Vacancy], elsewhere: Collection[SaidElsewhere]
) -> msgspec.Raw | None:
    """The section of a snapshot, homes in the order of their URNs; None where it says nothing."""
    if not homes and not elsewhere:
        return None
    ordered = tuple(sorted(homes, key=lambda one: one.urn))
    return encode_section(Vacancies(ordered, tuple(elsewhere)))


def said_here(snapshot: Snapshot | None) -> dict[str, Vacancy]:
    """What a snapshot says of homes, by URN."""
    section = section_of(snapshot, Vacancies) if snapshot else None
    return {one.urn: one for one in section.homes} if section else {}


def days_from(free_from: date | None, today: date) -> date | None:
    """From when a bed is free; None where that is now."""
    return free_from if free_from and free_from > today else None


def _note(connection: Connection, node: Node, who: Principal, through: Collection[str]) -> None:
    for authority in sorted(through):
        note(connection, node, who, Action.SAY_VACANCIES, authority=authority)
