"""What became of something that was handed in, on its way back to the provider's staff."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, select, update

from directory.providers.handins.models import own_hand_in
from directory.security.vault.service import Vault
from directory.web.forms import one_line
from federation import Node, NoSuchMember, queue
from protocols.handins import HandInAnswer, Outcome, encode_hand_in_body

LONGEST_REASON = 4000
_TABLE = "own_hand_in"


def answer(
    connection: Connection,
    node: Node,
    *,
    hand_in: str,
    through: str,
    authority: str,
    outcome: Outcome,
    reason: str = "",
) -> None:
    """Tell the staff, whose accounts are through an authority, what became of it: at once where
    this node serves that authority, or else by a sealed message.
    """
    now, why = node.now(), one_line(reason)[:LONGEST_REASON]
    if through in node.member.area:
        learn_outcome(
            connection,
            node,
            hand_in=hand_in,
            through=through,
            authority=authority,
            outcome=outcome,
            reason=why,
            answered_at=now,
        )
        return
    said = encode_hand_in_body(HandInAnswer(hand_in, outcome, now, why or None))
    with suppress(NoSuchMember):  # who has left the charter has nobody to be told
        queue(connection, node, sender=authority, recipient=through, body=said)


def learn_outcome(
    connection: Connection,
    node: Node,
    *,
    hand_in: str,
    through: str,
    authority: str,
    outcome: Outcome,
    reason: str,
    answered_at: datetime,
) -> bool:
    """Keep what an authority has said of something; whether it was handed in there.

    What it said before what is kept already, by its own clock, changes nothing: messages may
    overtake each other.
    """
    mine = (
        (own_hand_in.c.id == hand_in)
        & (own_hand_in.c.authority == authority)
        & (own_hand_in.c.through == through)
    )
    known = connection.execute(
        select(own_hand_in.c.answered_at).where(mine).with_for_update()
    ).one_or_none()
    if known is None:
        return False
    if known.answered_at and known.answered_at > answered_at:
        return True
    sealed = Vault(connection, node).seal(_TABLE, "reason", hand_in, reason.encode())
    said: dict[str, object] = {
        "outcome": outcome,
        "answered_at": answered_at,
        "reason": sealed if reason else None,
    }
    if outcome == "published":
        said["record"] = None  # the log has it now, and can be made to destroy it
    connection.execute(update(own_hand_in).where(mine).values(said))
    return True
