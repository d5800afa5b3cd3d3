"""Opening a record in an emergency, whoever's it is on this node and whoever is named in it.

For duty officers: at night a team works for several authorities, and a child may be missing from a
home in the area of one for which it has no assignment. The emergency is stated first and kept with
each look, those responsible are told, and every look is reviewed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_hex

from sqlalchemy import Connection, insert, select

from directory.country.reference.working_days import add_working_days, london_day
from directory.country.rules.table import nation_of
from directory.notices.labels import CONTACTS, SETTINGS
from directory.notices.models import received_notice
from directory.notices.now import Now, now_of_all
from directory.placing.register.models import placement
from directory.placing.register.rows import kept_placements, open_children, open_placements
from directory.placing.register.values import ChildFacts, PlacementFacts
from directory.privacy.emergencies.models import emergency_look
from directory.security.audit.service import note
from directory.security.rights.errors import ReasonWanted
from directory.security.rights.principal import Principal
from directory.security.rights.service import LONGEST_REASON, require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node
from protocols.notices import Contact

SHORTEST_EMERGENCY = 20
MOST_OPENED = 3
TABLE = "emergency_look"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the child: a reference, or the family name and perhaps the given one."""

    reference: str = ""
    family_name: str = ""
    given_name: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A record that was opened: its kind and id, the authority's on the other side, and what of it
    is of use at night, each under its heading.
    """

    record: str
    other: str | None
    said: tuple[tuple[str, str], ...]


def open_in_emergency(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    known: Known,
    emergency: str,
) -> list[Found] | None:
    """What an authority has of a child; None where more than MOST_OPENED records fit. Each look is
    noted and waits for its review; so is a search that opens nothing. Raises NotAllowed,
    ReasonWanted, or a VaultError.
    """
    require(who, Action.BREAK_GLASS, authority, emergency)
    if len(emergency.strip()) < SHORTEST_EMERGENCY:
        raise ReasonWanted(
            f"Say what the emergency is, in {SHORTEST_EMERGENCY} to {LONGEST_REASON} characters"
        )
    found = [*_received(connection, node, authority, known)]
    found += _placed(connection, node, authority, known)
    opened = found if len(found) <= MOST_OPENED else []
    for one in opened:
        _note_look(connection, node, who, authority, one.record, emergency)
    if not opened:
        note(
            connection,
            node,
            who,
            Action.BREAK_GLASS,
            authority=authority,
            record="search",
            reason=emergency,
            detail=f"{len(found)} found, none opened",
        )
    return opened if opened or not found else None


def _received(connection: Connection, node: Node, authority: str, known: Known) -> Iterator[Found]:
    mine = received_notice.c.area_authority == authority
    if known.reference:
        mine &= received_notice.c.id.startswith(known.reference, autoescape=True)
    rows = connection.execute(select(received_notice).where(mine)).all()
    for (placing, number), now in now_of_all(connection, node, "received", rows).items():
        child = now.says.child
        if _fits(known, child.family_name, child.given_name):
            yield Found(f"notice/{number}", placing, tuple(_of_notice(now)))


def _placed(connection: Connection, node: Node, authority: str, known: Known) -> Iterator[Found]:
    mine = placement.c.authority == authority
    if known.reference:
        mine &= placement.c.id.startswith(known.reference, autoescape=True)
    kept = {one.id: one for one in kept_placements(connection, mine)}
    children = open_children(connection, node, authority) if kept else {}
    fitting = [
        one
        for one in kept.values()
        if (child := children.get(one.child))
        and _fits(known, child.family_name or "", child.given_name or "")
    ]
    facts = open_placements(connection, node, [one.id for one in fitting])
    for one in fitting:
        if one.id in facts:
            said = tuple(_of_placement(children[one.child], facts[one.id]))
            yield Found(f"placement/{one.id}", one.course.area, said)


def _fits(known: Known, family: str, given: str) -> bool:
    if known.reference:
        return True
    return family.casefold() == known.family_name.casefold() and (
        not known.given_name or given.casefold() == known.given_name.casefold()
    )


def _of_notice(now: Now) -> Iterator[tuple[str, str]]:
    says = now.says
    if now.withdrawal:
        yield "Withdrawn", "Its sender withdrew this notice. The child need not be there: call them"
    yield "Child", f"{says.child.given_name} {says.child.family_name}"
    if says.child.born_on:
        yield "Date of birth", f"{says.child.born_on:%-d %B %Y}"
    yield "Placement", f"{SETTINGS[says.placement.setting]}\n{says.placement.address}"
    yield "Starts on", f"{says.placement.starts_on:%-d %B %Y}"
    if now.ended_on:
        yield "Ended, or ends, on", f"{now.ended_on:%-d %B %Y}"
    yield from _contacts({name: getattr(says, name) for name in CONTACTS})


def _of_placement(child: ChildFacts, facts: PlacementFacts) -> Iterator[tuple[str, str]]:
    yield "Child", " ".join(filter(None, (child.given_name, child.family_name)))
    if child.born_on:
        yield "Date of birth", f"{child.born_on:%-d %B %Y}"
    setting = SETTINGS[facts.setting] if facts.setting else None
    yield "Placement", "\n".join(filter(None, (setting, facts.address)))
    yield from _contacts({name: getattr(facts, name) for name in CONTACTS})


def _contacts(called: dict[str, Contact | None]) -> Iterator[tuple[str, str]]:
    for name, label in CONTACTS.items():
        if one := called[name]:
            yield label, "\n".join(filter(None, (one.name, one.role, one.telephone, one.email)))


def _note_look(
    connection: Connection, node: Node, who: Principal, authority: str, record: str, why: str
) -> None:
    number, now = token_hex(16), node.now()
    connection.execute(
        insert(emergency_look).values(
            id=number,
            authority=authority,
            record=record,
            who=who.id,
            name=who.name[:200],
            reason=Vault(connection, node).seal(TABLE, "reason", number, why.strip().encode()),
            at=now,
            review_by=add_working_days(london_day(now), 1, nation_of(authority)),
        )
    )
    note(
        connection,
        node,
        who,
        Action.BREAK_GLASS,
        authority=authority,
        record=record,
        reason=why,
        detail=f"emergency/{number}",
    )
