"""An item of due diligence that a provider's staff hand in to the authority of a home's area, to be
checked there, too. It waits beside those of the authority's own providers.
"""

from collections.abc import Sequence
from secrets import token_hex

from sqlalchemy import Connection, delete, insert, select

from directory.intake.screening.service import refuse_unfit
from directory.providers.diligence.files import destroy_files, keep_file
from directory.providers.diligence.models import WAITING, check, diligence_item
from directory.providers.diligence.projection import known_as
from directory.providers.handins.admitting import Arrived, Claimed
from directory.providers.handins.errors import NotTaken
from directory.security.audit.service import note
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, reading
from protocols.handins import DiligenceHandIn

MOST_ITEMS = 1000


def take_item(
    connection: Connection, node: Node, arrived: Arrived, home: Claimed, body: DiligenceHandIn
) -> None:
    """Keep an item until somebody of the authority has checked it, in the place of what was handed
    in of it before. Raises NotTaken, NotFitToPublish.
    """
    refuse_unfit({"issuer": body.issuer, "reference": body.reference or ""})
    _refuse_another_s(node, body.item, home.provider)
    theirs = (diligence_item.c.asked_of == arrived.authority) & (
        diligence_item.c.through == arrived.through
    )
    drop_items(
        connection,
        node,
        connection.scalars(
            select(diligence_item.c.id).where(theirs, diligence_item.c.same_as == body.item)
        ).all(),
    )
    if len(connection.scalars(select(diligence_item.c.id).where(theirs)).all()) >= MOST_ITEMS:
        raise NotTaken(f"The authority keeps {MOST_ITEMS:,} items of yours already, and no more")
    made, who = token_hex(16), arrived.by(home.provider)
    connection.execute(
        insert(diligence_item).values(
            id=made,
            same_as=body.item,
            through=arrived.through,
            asked_of=arrived.authority,
            hand_in=arrived.hand_in,
            provider=home.provider,
            urn=home.urn if body.of_home else None,
            kind=body.kind,
            issuer=body.issuer,
            reference=body.reference,
            valid_from=body.valid_from,
            valid_until=body.valid_until,
            entered_by=who.name[:200],
            entered_at=node.now(),
            state=WAITING,
        )
    )
    for type_, content in arrived.files:
        keep_file(connection, node, made, type_, content)
    note(
        connection,
        node,
        who,
        Action.GIVE_DILIGENCE,
        authority=arrived.authority,
        record=f"check/{body.item}",
        detail=f"{body.kind} handed in, and waits to be checked",
    )


def withdraw_item(connection: Connection, node: Node, arrived: Arrived) -> bool:
    """Drop what waits to be checked and was handed in; gives whether anything did."""
    ids = connection.scalars(
        select(diligence_item.c.id).where(
            diligence_item.c.hand_in == arrived.hand_in,
            diligence_item.c.through == arrived.through,
            diligence_item.c.asked_of == arrived.authority,
            diligence_item.c.state == WAITING,
        )
    ).all()
    drop_items(connection, node, ids)
    return bool(ids)


def drop_items(connection: Connection, node: Node, ids: Sequence[str]) -> None:
    """Destroy items with their documents; what was published of them stays."""
    connection.execute(delete(diligence_item).where(diligence_item.c.id.in_(ids)))
    Vault(connection, node).destroy(diligence_item.name, ids)
    destroy_files(connection, node, ids)


def _refuse_another_s(node: Node, item: str, provider: str) -> None:
    """No provider is checked under the id of another's item."""
    others = (check.c.item == item) & (check.c.provider != known_as(provider))
    with reading(node.replica) as replica:
        if replica.scalar(select(check.c.item).where(others).limit(1)):
            raise NotTaken("Another provider’s item was checked under its id. Give it anew")
