"""Whether anything is taken in at all from a provider's staff, whatever it is.

The sender may be hostile. It is believed for homes alone of which a person here has confirmed that
this provider, through this authority, runs them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from directory.country.authorities.former import standing_today
from directory.providers.handins.errors import NotTaken, WasWithdrawn
from directory.providers.handins.models import taken_hand_in
from directory.providers.vouching.models import home_claim
from directory.records.publishing.service import of_home
from directory.security.rights.principal import Principal
from federation import Node, latest_records
from protocols.attachments import MediaType
from protocols.records import Home, decode_record

MOST_A_DAY = 40
"""Of one home: enough to correct it all day long, and no log is filled by it."""
_KEPT = timedelta(days=29)
"""What was sent before may come for so long after: a message is delivered within 28 days."""
_WITHDRAWN = "withdrawn"
_taken = taken_hand_in.c


@dataclass(frozen=True, slots=True)
class Arrived:
    """What comes with everything that is handed in. `by` says, of a provider's name, who does so,
    as releases and audit name them; `files` are looked into.
    """

    hand_in: str
    claim: str
    through: str
    authority: str
    sent_at: datetime
    by: Callable[[str], Principal]
    files: Sequence[tuple[MediaType, bytes]] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A home here, and the provider of which a person here has confirmed that it runs it."""

    urn: str
    provider: str


def claimed(connection: Connection, claim: str, through: str, authority: str) -> Claimed:
    """The home of a claim that is confirmed. Raises NotTaken."""
    row = connection.execute(
        select(home_claim.c.urn, home_claim.c.provider).where(
            home_claim.c.id == claim,
            home_claim.c.through == through,
            home_claim.c.authority == authority,
            home_claim.c.state == "confirmed",
        )
    ).one_or_none()
    if row is None:
        raise NotTaken("The authority has not confirmed that this provider runs this home")
    return Claimed(row.urn, row.provider)


def admit(
    connection: Connection, node: Node, arrived: Arrived, home: Claimed, reference: str
) -> None:
    """Note that something of a home came. `reference` names what it takes the place of: what was
    sent before something of it that has come already is not taken, for messages may overtake each
    other.

    Raises NotTaken with a reason for them, and WasWithdrawn; nothing has been changed then.
    """
    published = latest_records(connection, [of_home(home.urn)]).get(of_home(home.urn))
    known = decode_record(published) if published else None
    if not isinstance(known, Home) or standing_today(known.authority) != arrived.authority:
        raise NotTaken("The authority does not publish this home, so nothing can be said of it")
    mine = (_taken.claim == arrived.claim) & (_taken.through == arrived.through)
    before = connection.scalars(
        select(_taken.reference).where(mine, _taken.id == arrived.hand_in)
    ).all()
    if _WITHDRAWN in before:
        raise WasWithdrawn("It was withdrawn before it came")
    later = mine & (_taken.reference == reference) & (_taken.sent_at > arrived.sent_at)
    if connection.scalar(select(_taken.id).where(later).limit(1)):
        raise NotTaken("What was handed in after it came before it, and stands")
    _refuse_too_much(connection, node, mine)
    _note(connection, node, arrived, reference)


def note_withdrawn(connection: Connection, node: Node, arrived: Arrived) -> bool:
    """Note that something was withdrawn which has not come; False where it has, and was answered.

    Raises NotTaken.
    """
    mine = (_taken.claim == arrived.claim) & (_taken.through == arrived.through)
    if connection.scalar(select(_taken.id).where(mine, _taken.id == arrived.hand_in)):
        return False
    _refuse_too_much(connection, node, mine)
    _note(connection, node, arrived, _WITHDRAWN)
    return True


def _note(connection: Connection, node: Node, arrived: Arrived, reference: str) -> None:
    connection.execute(
        insert(taken_hand_in).values(
            through=arrived.through,
            id=arrived.hand_in,
            claim=arrived.claim,
            reference=reference,
            sent_at=arrived.sent_at,
            taken_at=node.now(),
        )
    )


def _refuse_too_much(connection: Connection, node: Node, mine: ColumnElement[bool]) -> None:
    now = node.now()
    connection.execute(delete(taken_hand_in).where(mine, _taken.taken_at < now - _KEPT))
    today = mine & (_taken.taken_at >= now - timedelta(days=1))
    counted = select(func.count()).select_from(taken_hand_in).where(today)
    if (connection.scalar(counted) or 0) >= MOST_A_DAY:
        raise NotTaken("Too much has been handed in for this home today. Hand it in tomorrow")
