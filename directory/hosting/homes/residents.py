"""A provider's side: who lives in a home, kept by its staff, and told to the authority of the area.

Regulation 41 of the Children's Homes (England) Regulations 2015: without delay, of each admission
and discharge of a child whom another authority placed. A child of the area's own authority stands
on the list, and nobody is told. The list is sealed; each look at it and change is in the audit; the
authority that vouches for the staff has no page that shows it. It ends with the provider's running
of the home, and each stay 90 days after the discharge,
or after it was taken back.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from secrets import token_hex

from msgspec.structs import replace
from sqlalchemy import Connection, delete, insert, select, update

from directory.hosting.homes.errors import NoSuchStay, TakenBack
from directory.hosting.homes.models import home_resident
from directory.hosting.homes.sending import tell
from directory.providers.vouching.running import RunHome
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Dispatch, Node, dispatches
from protocols.residents import HomeNotice, Mistake, decode_resident_body, encode_resident_body

KEPT_AFTER = timedelta(days=90)
GROWN_UP = 18
MOST_KEPT = 200
"""Stays of one home: ten times what the largest has places."""
_TABLE = "home_resident"


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in a home. `message` is None where nobody had to be told; `dispatch` where this node
    serves the authority of the area, which then knows at once.
    """

    id: str
    said: HomeNotice
    lives_here: bool
    message: str | None
    dispatch: Dispatch | None
    kept_at: datetime
    kept_by: str


def residents(connection: Connection, node: Node, who: Principal, home: RunHome) -> list[Stay]:
    """Who lives in a home, and who was discharged of late; the look is in the audit. Whether they
    run it, `directory.providers.vouching.running` has said. Raises NotAllowed.
    """
    require(who, Action.LOOK_AFTER_RESIDENTS)
    found = stays_of(connection, node, home.claim)
    _note(connection, node, who, home, "read the list of who lives there")
    return found


def one_stay(connection: Connection, node: Node, who: Principal, home: RunHome, stay: str) -> Stay:
    """One of them; the look is in the audit. Raises NotAllowed, NoSuchStay."""
    require(who, Action.LOOK_AFTER_RESIDENTS)
    found = [one for one in stays_of(connection, node, home.claim) if one.id == stay]
    if not found:
        raise NoSuchStay("There is no such stay on the list of this home")
    _note(connection, node, who, home, "read", stay)
    return found[0]


def current_stay(
    connection: Connection, node: Node, who: Principal, home: RunHome, stay: str
) -> Stay:
    """One of which something can still be said. Raises NotAllowed, NoSuchStay, TakenBack."""
    known = one_stay(connection, node, who, home, stay)
    if known.said.withdrawn:
        raise TakenBack("This was taken back, and nothing more is said of it. Tell of them anew")
    return known


def counted_there(
    connection: Connection, node: Node, home: RunHome, day: date
) -> Counter[tuple[str, bool]]:
    """How many lived in a home on a day, by who placed them (GSS code) and whether they were
    younger than 18, as far as the list goes back. Whether they run it was said before.
    """
    found: Counter[tuple[str, bool]] = Counter()
    for one in stays_of(connection, node, home.claim):
        said = one.said
        if said.withdrawn:
            continue
        if said.admitted_on <= day and (said.discharged_on is None or said.discharged_on > day):
            found[said.placing_authority, age_on(said.resident.born_on, day) < GROWN_UP] += 1
    return found


def age_on(born: date, day: date) -> int:
    """In whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def keep_stay(
    connection: Connection, node: Node, who: Principal, home: RunHome, said: HomeNotice
) -> str | None:
    """Keep a stay, new or as corrected, and tell the authority of the area; gives the message's id,
    None where it had not to be told. Raises NotAllowed, NoSuchStay, NotTaken, NotReachable.
    """
    require(who, Action.LOOK_AFTER_RESIDENTS)
    mine = (home_resident.c.id == said.stay) & (home_resident.c.claim == home.claim)
    known = connection.execute(
        select(home_resident.c.message).where(mine).with_for_update()
    ).one_or_none()
    if known is None and len(_ids(connection, home.claim)) >= MOST_KEPT:
        raise NoSuchStay(f"The list of this home is full: {MOST_KEPT} stays")
    # Once it was told of a stay, it is told what becomes of it, whoever placed the child.
    is_told = said.placing_authority != home.authority or (known and known.message)
    message = tell(connection, node, home, said) if is_told else None
    body = Vault(connection, node).seal(_TABLE, "body", said.stay, encode_resident_body(said))
    values = {
        "lives_here": said.discharged_on is None and said.withdrawn is None,
        "body": body,
        "message": message,
        "kept_at": node.now(),
        "kept_by": who.name[:200],
    }
    if known is None:
        connection.execute(insert(home_resident).values(id=said.stay, claim=home.claim, **values))
    else:
        connection.execute(update(home_resident).where(mine).values(values))
    what = (
        f"taken back: {said.withdrawn}"
        if said.withdrawn
        else "admitted or corrected"
        if said.discharged_on is None
        else "discharged"
    )
    told = f"{home.authority} is told" if message else "nobody is told"
    _note(connection, node, who, home, f"{what}, {told}", said.stay)
    return message


def discharge(
    connection: Connection, node: Node, who: Principal, home: RunHome, stay: str, on: date
) -> None:
    """Say that somebody lives in a home no longer. Raises what `current_stay` and `keep_stay`
    do.
    """
    known = current_stay(connection, node, who, home, stay)
    day = max(on, known.said.admitted_on)
    said = replace(known.said, discharged_on=day, told_at=node.now(), told_by=who.name[:200])
    keep_stay(connection, node, who, home, said)


def take_back(
    connection: Connection, node: Node, who: Principal, home: RunHome, stay: str, mistake: Mistake
) -> None:
    """Say that a stay was told of by mistake. It stays on the list as taken back, here and at the
    authority of the area. Raises what `current_stay` and `keep_stay` do.
    """
    known = current_stay(connection, node, who, home, stay)
    said = replace(known.said, withdrawn=mistake, told_at=node.now(), told_by=who.name[:200])
    keep_stay(connection, node, who, home, said)


def new_stay() -> str:
    """What names a stay: at random, so that it says nothing of anybody."""
    return token_hex(16)


def destroy_residents(connection: Connection, node: Node, claim: str) -> None:
    """Destroy the list of a home that the provider runs no longer."""
    _destroy(connection, node, _ids(connection, claim))


def forget_residents(connection: Connection, node: Node) -> int:
    """Let go of those who were discharged so long ago that nothing is corrected any more."""
    over = connection.scalars(
        select(home_resident.c.id).where(
            home_resident.c.lives_here.is_(False),
            home_resident.c.kept_at < node.now() - KEPT_AFTER,
        )
    ).all()
    _destroy(connection, node, over)
    return len(over)


def _destroy(connection: Connection, node: Node, ids: Collection[str]) -> None:
    connection.execute(delete(home_resident).where(home_resident.c.id.in_(ids)))
    Vault(connection, node).destroy(_TABLE, ids)


def _ids(connection: Connection, claim: str) -> list[str]:
    wanted = select(home_resident.c.id).where(home_resident.c.claim == claim)
    return list(connection.scalars(wanted))


def stays_of(connection: Connection, node: Node, claim: str) -> list[Stay]:
    """The list of a home, by its claim. Nobody is shown it from here: that would be noted."""
    rows = connection.execute(select(home_resident).where(home_resident.c.claim == claim)).all()
    opened = Vault(connection, node).open_all(_TABLE, "body", {row.id: row.body for row in rows})
    messages = dispatches(connection, [row.message for row in rows if row.message])
    found = []
    for row in rows:
        said = decode_resident_body(opened[row.id]) if row.id in opened else None
        if isinstance(said, HomeNotice):
            at = row.message
            found.append(
                Stay(
                    row.id,
                    said,
                    row.lives_here,
                    at,
                    messages.get(at) if at else None,
                    row.kept_at,
                    row.kept_by,
                )
            )
    return sorted(found, key=lambda one: (not one.lives_here, one.said.admitted_on, one.id))


def _note(
    connection: Connection, node: Node, who: Principal, home: RunHome, detail: str, stay: str = ""
) -> None:
    note(
        connection,
        node,
        who,
        Action.LOOK_AFTER_RESIDENTS,
        authority=home.workplace.through,
        record=f"stay/{stay}" if stay else f"home/{home.urn}",
        detail=detail,
    )
