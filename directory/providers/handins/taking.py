"""The authority's side: what comes from a provider's staff is checked, and goes the way of what its
own officers hand in.

The sender may be hostile. It is believed for homes alone of which a person here has confirmed that
this provider, through this authority, runs them; and no further than its own officers are: words
that are new wait for one of them.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from directory.country.reference.working_days import london_day
from directory.intake.screening.errors import NotFitToPublish
from directory.providers.handins.errors import NotTaken
from directory.providers.handins.models import taken_hand_in
from directory.providers.vouching.models import home_claim
from directory.records.publishing.service import PROVIDER_SOURCE, of_home, reference_of
from directory.records.release.errors import NotHandedIn, OthersWait
from directory.records.release.held import Origin
from directory.records.release.service import hand_in_for
from directory.security.rights.principal import Principal
from federation import Node, latest_records
from protocols.entries import MAX_RECORD
from protocols.errors import ProtocolError
from protocols.profiles import Profile
from protocols.records import Home, decode_record
from protocols.statements import Statement

MOST_A_DAY = 40
"""Of one home: enough to correct it all day long, and no log is filled by it."""
_KEPT = timedelta(days=29)
"""What was sent before may come for so long after: a message is delivered within 28 days."""
_AHEAD = timedelta(days=1)  # of a sender whose clock is not ours


def take(
    connection: Connection,
    node: Node,
    by: Callable[[str], Principal],
    *,
    hand_in: str,
    claim: str,
    through: str,
    authority: str,
    data: bytes,
    sent_at: datetime,
) -> None:
    """Take in a record that a provider's staff hand in to an authority, in the caller's
    transaction on `node.db`. `by` says, of a provider's name, who does so, as releases and audit
    name them. What was sent before something that has come already is not taken: messages may
    overtake each other.

    Raises NotTaken with a reason for them; nothing has been changed then.
    """
    known = _claim(connection, claim, through, authority)
    record = _read(data)
    if (record.urn, record.authority) != (known.urn, authority):
        raise NotTaken("What was handed in is about another home than the one that was claimed")
    _refuse_unlikely(record, london_day(node.now()))
    reference = of_home(record.urn)
    published = latest_records(connection, [reference]).get(reference)
    home = decode_record(published) if published else None
    if not isinstance(home, Home) or home.authority != authority:
        raise NotTaken("The authority does not publish this home, so nothing can be said of it")
    _refuse_overtaken(connection, claim, through, reference_of(record), sent_at)
    _refuse_too_much(connection, node, claim, through)
    connection.execute(
        insert(taken_hand_in).values(
            through=through,
            id=hand_in,
            claim=claim,
            reference=reference_of(record),
            sent_at=sent_at,
            taken_at=node.now(),
        )
    )
    try:
        hand_in_for(connection, node, by(known.provider), record, Origin(hand_in, through))
    except (OthersWait, NotFitToPublish) as error:
        raise NotTaken(str(error)) from error
    except NotHandedIn as error:
        raise NotTaken(
            "The authority has taken this home or this record back. Ask its officers"
        ) from error


def _claim(connection: Connection, claim: str, through: str, authority: str) -> Row[Any, Any]:
    found = connection.execute(
        select(home_claim.c.urn, home_claim.c.provider).where(
            home_claim.c.id == claim,
            home_claim.c.through == through,
            home_claim.c.authority == authority,
            home_claim.c.state == "confirmed",
        )
    ).one_or_none()
    if found is None:
        raise NotTaken("The authority has not confirmed that this provider runs this home")
    return found


def _read(data: bytes) -> Profile | Statement:
    if len(data) > MAX_RECORD:
        raise NotTaken(f"It is longer than a record can be, {MAX_RECORD:,} bytes")
    try:
        record = decode_record(data)
    except ProtocolError:
        raise NotTaken(
            "The authority’s node cannot read it: it may be older than yours. Ask its officers"
        ) from None
    if not isinstance(record, Profile | Statement):
        raise NotTaken("A provider hands in profiles and statements of purpose, and nothing else")
    return record


def _refuse_unlikely(record: Profile | Statement, today: date) -> None:
    if isinstance(record, Profile):
        day, wrong = record.source.as_at, record.source.name != PROVIDER_SOURCE
    else:
        day, wrong = record.reviewed_on, False
    if wrong:
        raise NotTaken("It does not say that it is in the provider’s own words")
    if day > today + _AHEAD:
        raise NotTaken("It bears a day that is in the future")


def _refuse_overtaken(
    connection: Connection, claim: str, through: str, reference: str, sent_at: datetime
) -> None:
    later = connection.scalar(
        select(taken_hand_in.c.id).where(
            taken_hand_in.c.claim == claim,
            taken_hand_in.c.through == through,
            taken_hand_in.c.reference == reference,
            taken_hand_in.c.sent_at > sent_at,
        )
    )
    if later:
        raise NotTaken("What was handed in after it came before it, and stands")


def _refuse_too_much(connection: Connection, node: Node, claim: str, through: str) -> None:
    now, table = node.now(), taken_hand_in
    mine = (table.c.claim == claim) & (table.c.through == through)
    connection.execute(delete(table).where(mine, table.c.taken_at < now - _KEPT))
    today = mine & (table.c.taken_at >= now - timedelta(days=1))
    if (connection.scalar(select(func.count()).select_from(table).where(today)) or 0) >= MOST_A_DAY:
        raise NotTaken("Too much has been handed in for this home today. Hand it in tomorrow")
