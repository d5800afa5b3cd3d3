"""What waits of a home and was handed in by a provider that runs it no longer is destroyed."""

from sqlalchemy import Connection, select

from directory.providers.accepting.models import handed_in
from directory.providers.accepting.waiting import drop_waiting
from directory.providers.diligence.models import diligence_item
from directory.providers.diligence.taking import drop_items
from directory.providers.handins.models import taken_hand_in
from directory.records.release.held import drop_of_provider
from federation import Node


def drop_of_claim(connection: Connection, node: Node, claim: str, urn: str, through: str) -> None:
    """Destroy what waits and was handed in under a claim that has ended. Nobody is told."""
    drop_of_provider(connection, node, urn, through)
    drop_waiting(connection, node, (handed_in.c.urn == urn) & (handed_in.c.through == through))
    came = select(taken_hand_in.c.id).where(
        taken_hand_in.c.claim == claim, taken_hand_in.c.through == through
    )
    mine = (diligence_item.c.through == through) & diligence_item.c.hand_in.in_(came)
    ids = connection.scalars(select(diligence_item.c.id).where(mine)).all()
    drop_items(connection, node, ids)
