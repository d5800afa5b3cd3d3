"""What became of something that was handed in, on its way back to the provider's staff."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from directory.providers.answers import keep_answer, send_answer
from directory.providers.handins.models import own_hand_in
from directory.web.forms import one_line
from federation import Node
from protocols.handins import HandInAnswer, Outcome, encode_hand_in_body

LONGEST_REASON = 4000


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
    """Tell the staff, whose accounts are through an authority, what became of it."""
    now, why = node.now(), one_line(reason)[:LONGEST_REASON]
    learn = partial(
        learn_outcome,
        connection,
        node,
        hand_in=hand_in,
        through=through,
        authority=authority,
        outcome=outcome,
        reason=why,
        answered_at=now,
    )
    body = encode_hand_in_body(HandInAnswer(hand_in, outcome, now, why or None))
    send_answer(connection, node, through=through, authority=authority, body=body, learn=learn)


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
    """Keep what an authority has said of something; whether it was handed in there."""
    # What is published, the log has now, and can be made to destroy.
    gone = {"record": None} if outcome in ("published", "withdrawn") else {}
    kept = keep_answer(
        connection,
        node,
        own_hand_in,
        hand_in,
        through=through,
        authority=authority,
        reason=reason,
        answered_at=answered_at,
        outcome=outcome,
        **gone,
    )
    return kept is not None
