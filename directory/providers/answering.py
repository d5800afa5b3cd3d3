"""What an authority says of a claim, on its way back to the provider's staff who made it."""

from sqlalchemy import Connection, select, update

from directory.providers.models import provider_home
from directory.vault.service import Vault
from federation import Node

_TABLE = "provider_home"


def answer(
    connection: Connection,
    node: Node,
    *,
    claim: str,
    through: str,
    authority: str,
    state: str,
    reason: str,
) -> None:
    """Tell the staff, whose accounts are through an authority, what became of their claim."""
    learn_answer(connection, node, claim=claim, authority=authority, state=state, reason=reason)


def learn_answer(
    connection: Connection, node: Node, *, claim: str, authority: str, state: str, reason: str
) -> bool:
    """Keep what the authority where a home stands has said of a claim; whether it was to be asked.

    A claim that is unknown here was withdrawn or made anew: what is said of it says nothing.
    """
    mine = (provider_home.c.id == claim) & (provider_home.c.authority == authority)
    known = connection.scalar(select(provider_home.c.id).where(mine).with_for_update())
    if known is None:
        return False
    sealed = Vault(connection, node).seal(_TABLE, "reason", claim, reason.encode())
    connection.execute(
        update(provider_home)
        .where(mine)
        .values(state=state, answered_at=node.now(), reason=sealed if reason else None)
    )
    return True
