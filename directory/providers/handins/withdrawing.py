"""Taking back what was handed in and waits, by a provider's staff, wherever it waits.

Elsewhere it is gone when that node has said so: what was answered before it heard of it stands.
"""

from secrets import token_hex

from sqlalchemy import Connection, update

from directory.providers.accepting.models import handed_in
from directory.providers.accepting.waiting import drop_waiting
from directory.providers.diligence.taking import withdraw_item
from directory.providers.handins.admitting import Arrived, claimed, note_withdrawn
from directory.providers.handins.answering import answer
from directory.providers.handins.errors import NothingToWithdraw
from directory.providers.handins.models import own_hand_in
from directory.providers.handins.own import OwnHandIn, can_withdraw, hand_ins_of
from directory.providers.handins.sending import own_arrival, tell_other_side
from directory.providers.vouching.running import RunHome
from directory.records.publishing.service import of_home
from directory.records.release.held import withdraw_held
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from federation import Node, dispatches
from protocols.handins import HandInWithdrawal, encode_hand_in_body


def to_withdraw(connection: Connection, node: Node, home: RunHome, hand_in: str) -> OwnHandIn:
    """What was handed in of a home and waits: the latest of its kind. Raises NothingToWithdraw."""
    latest: dict[tuple[str, str | None], OwnHandIn] = {}
    for several in hand_ins_of(connection, node, [home.claim]).values():
        for one in several:
            latest.setdefault(one.about, one)
    dispatch = dispatches(connection, [hand_in]).get(hand_in)
    for one in latest.values():
        if one.id == hand_in and can_withdraw(one, dispatch):
            return one
    raise NothingToWithdraw("It was answered, withdrawn or handed in anew meanwhile")


def withdraw(
    connection: Connection, node: Node, who: Principal, home: RunHome, hand_in: str
) -> None:
    """Take it back, in the caller's transaction on `node.db`.

    Raises NothingToWithdraw, NotTaken, NotReachable.
    """
    to_withdraw(connection, node, home, hand_in)
    is_here = home.authority in node.member.area
    message = None if is_here else token_hex(16)
    connection.execute(
        update(own_hand_in)
        .where(own_hand_in.c.id == hand_in)
        .values(withdrawn_by=who.name[:200], withdrawal=message)
    )
    note(
        connection,
        node,
        who,
        "withdraw what was handed in",
        authority=home.workplace.through,
        record=of_home(home.urn),
        detail=f"hand-in/{hand_in} to {home.authority}",
    )
    if message is None:
        take_withdrawal(connection, node, own_arrival(node, who, home, hand_in))
        return
    body = encode_hand_in_body(HandInWithdrawal(home.claim, hand_in))
    tell_other_side(connection, node, home, body, message)


def take_withdrawal(connection: Connection, node: Node, arrived: Arrived) -> None:
    """The authority's side: drop what waits of it, and say so. What has been answered stays as it
    is; what has not come is not taken when it comes. Raises NotTaken.
    """
    claimed(connection, arrived.claim, arrived.through, arrived.authority)
    mine = (
        (handed_in.c.hand_in == arrived.hand_in)
        & (handed_in.c.through == arrived.through)
        & (handed_in.c.authority == arrived.authority)
    )
    waited = (
        withdraw_held(connection, node, arrived.authority, arrived.hand_in, arrived.through)
        or drop_waiting(connection, node, mine)
        or withdraw_item(connection, node, arrived)
        or note_withdrawn(connection, node, arrived)
    )
    if waited:
        answer(
            connection,
            node,
            hand_in=arrived.hand_in,
            through=arrived.through,
            authority=arrived.authority,
            outcome="withdrawn",
        )
