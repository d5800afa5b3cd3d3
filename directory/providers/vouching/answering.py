"""What an authority says of a claim, on its way back to the provider's staff who made it."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, select, update

from directory.hosting.homes.residents import destroy_residents
from directory.providers.handins.own import destroy_written
from directory.providers.vouching.models import provider_home
from directory.security.vault.service import Vault
from directory.web.forms import one_line
from federation import Node, NoSuchMember, queue
from protocols.providers import ClaimState, HomeClaimAnswer, encode_provider_body

_TABLE = "provider_home"


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
    """Tell the staff, whose accounts are through an authority, what became of their claim: at once
    where this node serves that authority, or else by a sealed message.
    """
    now = node.now()
    if through in node.member.area:
        learn_answer(
            connection,
            node,
            claim=claim,
            through=through,
            authority=authority,
            state=state,
            reason=reason,
            answered_at=now,
        )
        return
    said = encode_provider_body(HomeClaimAnswer(claim, state, now, one_line(reason) or None))
    with suppress(NoSuchMember):  # who has left the charter has nobody to be told
        queue(connection, node, sender=authority, recipient=through, body=said)


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
    """Keep what the authority where a home stands has said of a claim; whether it was to be asked.

    What it said before what is kept already, by its own clock, changes nothing: messages may
    overtake each other.
    """
    mine = (
        (provider_home.c.id == claim)
        & (provider_home.c.authority == authority)
        & (provider_home.c.through == through)
    )
    known = connection.execute(
        select(provider_home.c.answered_at).where(mine).with_for_update()
    ).one_or_none()
    if known is None:
        return False
    if known.answered_at and known.answered_at > answered_at:
        return True
    if state != "confirmed":
        destroy_written(connection, node, claim)
        destroy_residents(connection, node, claim)
    sealed = Vault(connection, node).seal(_TABLE, "reason", claim, reason.encode())
    connection.execute(
        update(provider_home)
        .where(mine)
        .values(state=state, answered_at=answered_at, reason=sealed if reason else None)
    )
    return True
