"""Handing in, by a provider's staff: to the authority where the home stands, on this node or on
another. What a text must not say is refused here first, and there again.
"""

from dataclasses import replace
from secrets import token_hex

import msgspec
from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.intake.screening.service import free_texts, refuse_unfit
from directory.providers.handins.errors import NotReachable
from directory.providers.handins.own import keep_hand_in
from directory.providers.handins.taking import take
from directory.providers.vouching.running import RunHome
from directory.records.publishing.service import reference_of
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.table import Action
from federation import Node, NoSuchMember, queue
from protocols.handins import HandIn, encode_hand_in_body
from protocols.profiles import Profile
from protocols.records import encode_record
from protocols.statements import Statement


def hand_in_own(
    connection: Connection, node: Node, who: Principal, home: RunHome, record: Profile | Statement
) -> str:
    """Hand a record of a home in, which `directory.providers.vouching.running` has said that they
    run, in the caller's transaction on `node.db`; gives what it is called from now on.

    Raises NotFitToPublish, NotTaken, NotReachable.
    """
    refuse_unfit(free_texts(record))
    data, number = encode_record(record), token_hex(16)
    keep_hand_in(
        connection,
        node,
        who,
        hand_in=number,
        claim=home.claim,
        kind="statement" if isinstance(record, Statement) else "profile",
        through=home.workplace.through,
        authority=home.authority,
        record=data,
    )
    note(
        connection,
        node,
        who,
        Action.WRITE_OF_OWN_HOMES,
        authority=home.workplace.through,
        record=reference_of(record),
        detail=f"handed in to {home.authority} for {home.workplace.provider}",
    )
    if home.authority in node.member.area:
        take(
            connection,
            node,
            lambda provider: replace(who, name=f"{who.name}, {provider}"),
            hand_in=number,
            claim=home.claim,
            through=home.workplace.through,
            authority=home.authority,
            data=data,
            sent_at=node.now(),
        )
        return number
    body = encode_hand_in_body(HandIn(home.claim, who.name[:200], msgspec.Raw(data)))
    try:
        queue(
            connection,
            node,
            sender=home.workplace.through,
            recipient=home.authority,
            body=body,
            message=number,
        )
    except NoSuchMember:
        raise NotReachable(
            f"No member of the charter speaks for {authority_name(home.authority)}, where the home "
            "stands, so nothing can be handed in"
        ) from None
    return number
