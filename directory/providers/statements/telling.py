"""That Ofsted was sent a statement, told to the other side of the claim to its home: to the
authority where it stands, or to the one that vouches for the staff of the provider that runs it.
"""

from datetime import date, timedelta
from secrets import token_hex

from sqlalchemy import ColumnElement, Connection, select

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.providers.statements.desks import Desk
from directory.providers.statements.models import statement_told
from directory.providers.vouching.models import home_claim, provider_home
from directory.security.audit.arriving import note_arrival
from federation import DEAD, Node, NoSuchMember, dispatches, queue, upsert
from protocols.errors import Malformed
from protocols.handins import StatementTold, encode_hand_in_body
from protocols.messages import Message

_AHEAD = timedelta(days=1)  # of a sender whose clock is not ours


def tell_other_side(
    connection: Connection, node: Node, desk: Desk, revised_on: date, told_on: date, noted_by: str
) -> str | None:
    """Queue what was noted at a desk for the other node, in the caller's transaction; gives the
    message's id, or None where no other node has to know.
    """
    other = _other_side(connection, desk)
    if other is None:
        return None
    claim, sender, recipient = other
    if recipient in node.member.area:
        return None
    made = token_hex(16)
    body = encode_hand_in_body(StatementTold(claim, revised_on, told_on, noted_by))
    try:
        queue(connection, node, sender=sender, recipient=recipient, body=body, message=made)
    except NoSuchMember:  # who has left the charter has nobody to be told
        return None
    return made


def learn_told(connection: Connection, node: Node, message: Message, body: StatementTold) -> None:
    """Keep what the other side has noted. Raises Malformed where no claim that is confirmed stands
    between the two, or where the days cannot be.
    """
    if not body.revised_on <= body.told_on <= london_day(node.now()) + _AHEAD:
        raise Malformed("statement told: on a day that cannot be")
    sender, recipient = message.sender, message.recipient
    here = (home_claim.c.authority == recipient) & (home_claim.c.through == sender)
    there = (provider_home.c.authority == sender) & (provider_home.c.through == recipient)
    urn = connection.scalar(
        select(home_claim.c.urn).where(
            here, home_claim.c.id == body.claim, home_claim.c.state == "confirmed"
        )
    ) or connection.scalar(
        select(provider_home.c.urn).where(
            there, provider_home.c.id == body.claim, provider_home.c.state == "confirmed"
        )
    )
    if urn is None:
        raise Malformed("statement told: of a home that the sender was not confirmed for")
    noted_by = f"{body.noted_by}, {authority_name(sender)}"
    keep_told(connection, urn, body.revised_on, body.told_on, noted_by, None)
    action = "receive that Ofsted was sent a statement of purpose"
    note_arrival(connection, node, message, action, f"statement/{urn}", detail=str(body.told_on))


def keep_told(
    connection: Connection,
    urn: str,
    revised_on: date,
    told_on: date,
    noted_by: str,
    message: str | None,
) -> None:
    """Keep that Ofsted was sent a version, in the place of what was noted of it before."""
    statement = upsert(connection, statement_told).values(
        urn=urn,
        revised_on=revised_on,
        told_on=told_on,
        noted_by=noted_by[:200],
        message=message,
    )
    named = ("told_on", "noted_by", "message")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["urn", "revised_on"],
            set_={name: statement.excluded[name] for name in named},
        )
    )


def why_untold(connection: Connection, desk: Desk, revised_on: date) -> str:
    """In words, why the other side has not heard of it and what to do; nothing where it has."""
    message = connection.scalar(
        select(statement_told.c.message).where(
            statement_told.c.urn == desk.urn, statement_told.c.revised_on == revised_on
        )
    )
    sent = dispatches(connection, [message]).get(message) if message else None
    if sent is None or sent.state == "stored":
        return ""
    other = authority_name(sent.recipient)
    if sent.state not in DEAD:
        return f"On its way to {other}."
    if sent.problem == "unknown-schema":
        return f"The node of {other} cannot take this note yet: tell them yourself."
    return f"It did not reach {other}: note it again, or tell them yourself."


def _other_side(connection: Connection, desk: Desk) -> tuple[str, str, str] | None:
    """The confirmed claim to a home, who is on this side of it, and who on the other."""
    mine: ColumnElement[bool]
    if desk.claim:
        table, mine = provider_home, provider_home.c.id == desk.claim
        sides = (table.c.id, table.c.through, table.c.authority)
    else:
        table = home_claim
        mine = (table.c.urn == desk.urn) & (table.c.authority == desk.authority)
        sides = (table.c.id, table.c.authority, table.c.through)
    row = connection.execute(
        select(*sides).where(mine, table.c.state == "confirmed").limit(1)
    ).one_or_none()
    return (row[0], row[1], row[2]) if row else None
