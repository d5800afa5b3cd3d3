"""What an authority says of a claim, on its way back to the provider's staff who made it."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from directory.hosting.homes.residents import destroy_residents
from directory.providers.answers import keep_answer, send_answer
from directory.providers.handins.own import destroy_written
from directory.providers.vouching.models import provider_home
from directory.web.forms import one_line
from federation import Node
from protocols.providers import ClaimState, HomeClaimAnswer, encode_provider_body


def answer(
    connection: Connection,
    node: Node,
    *,
    claim: str,
    through: str,
    authority: str,
    state: ClaimState,
    reason: str,
) -> None:
    """Tell the staff, whose accounts are through an authority, what became of their claim."""
    now = node.now()
    learn = partial(
        learn_answer,
        connection,
        node,
        claim=claim,
        through=through,
        authority=authority,
        state=state,
        reason=reason,
        answered_at=now,
    )
    body = encode_provider_body(HomeClaimAnswer(claim, state, now, one_line(reason) or None))
    send_answer(connection, node, through=through, authority=authority, body=body, learn=learn)


def learn_answer(
    connection: Connection,
    node: Node,
    *,
    claim: str,
    through: str,
    authority: str,
    state: str,
    reason: str,
    answered_at: datetime,
) -> bool:
    """Keep what the authority where a home stands has said of a claim; whether it was asked. Of a
    home that they run no longer, what was written is destroyed.
    """
    kept = keep_answer(
        connection,
        node,
        provider_home,
        claim,
        through=through,
        authority=authority,
        reason=reason,
        answered_at=answered_at,
        state=state,
    )
    if kept and state != "confirmed":
        destroy_written(connection, node, claim)
        destroy_residents(connection, node, claim)
    return kept is not None
