"""Handing in, by a provider's staff, and telling the other side: the authority where the home
stands, on this node or on another. What a text must not say is refused here first, and there again.
"""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from secrets import token_hex

import msgspec
from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.intake.screening.service import free_texts, refuse_unfit
from directory.providers.handins.admitting import Arrived
from directory.providers.handins.errors import NotReachable
from directory.providers.handins.own import Handed, keep_hand_in
from directory.providers.handins.taking import take
from directory.providers.vouching.running import RunHome
from directory.records.publishing.service import of_home, reference_of
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.table import Action
from federation import Enclosure, Node, NoSuchMember, attach, queue
from protocols.attachments import ENDINGS, MediaType
from protocols.handins import FileHandIn, HandIn, encode_hand_in_body
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
    data = encode_record(record)
    number = token_hex(16)
    keep_hand_in(
        connection,
        node,
        who,
        hand_in=number,
        home=home,
        kind="statement" if isinstance(record, Statement) else "profile",
        content=data,
        is_record=True,
    )
    body = HandIn(home.claim, who.name[:200], msgspec.Raw(data))
    _send(connection, node, who, home, number, body, reference_of(record), ())
    return number


def hand_in_files(
    connection: Connection,
    node: Node,
    who: Principal,
    home: RunHome,
    kind: Handed,
    body: FileHandIn,
    files: Sequence[tuple[MediaType, bytes]],
    item: str | None = None,
) -> None:
    """The same for a guide, a document or an item of due diligence, with files that are clean.

    Raises NotTaken, NotReachable; Malformed where the files are too large together.
    """
    number = token_hex(16)
    content = msgspec.json.encode(body) + b"".join(data for _, data in files)
    keep_hand_in(
        connection, node, who, hand_in=number, home=home, kind=kind, content=content, item=item
    )
    _send(connection, node, who, home, number, body, of_home(home.urn), files)


def _send(
    connection: Connection,
    node: Node,
    who: Principal,
    home: RunHome,
    number: str,
    body: HandIn | FileHandIn,
    reference: str,
    files: Sequence[tuple[MediaType, bytes]],
) -> None:
    note(
        connection,
        node,
        who,
        Action.WRITE_OF_OWN_HOMES,
        authority=home.workplace.through,
        record=reference,
        detail=f"handed in to {home.authority} for {home.workplace.provider}",
    )
    if home.authority in node.member.area:
        take(connection, node, own_arrival(node, who, home, number, files), body)
        return
    tell_other_side(connection, node, home, encode_hand_in_body(body), number, files)


def own_arrival(
    node: Node,
    who: Principal,
    home: RunHome,
    number: str,
    files: Sequence[tuple[MediaType, bytes]] = (),
) -> Arrived:
    """What comes with something that is handed in to an authority of this node."""
    return Arrived(
        hand_in=number,
        claim=home.claim,
        through=home.workplace.through,
        authority=home.authority,
        sent_at=node.now(),
        by=lambda provider: replace(who, name=f"{who.name}, {provider}"),
        files=files,
    )


def tell_other_side(
    connection: Connection,
    node: Node,
    home: RunHome,
    body: bytes,
    number: str,
    files: Sequence[tuple[MediaType, bytes]] = (),
) -> None:
    """Queue a message of this id to the authority where a home stands. Raises NotReachable."""
    through = home.workplace.through
    enclosed = [
        Enclosure(f"{place}{ENDINGS[type_][0]}", type_, BytesIO(data))
        for place, (type_, data) in enumerate(files, 1)
    ]
    attached = attach(connection, sender=through, message=number, files=enclosed)
    try:
        queue(
            connection,
            node,
            sender=through,
            recipient=home.authority,
            body=body,
            message=number,
            attachments=attached,
        )
    except NoSuchMember:
        raise NotReachable(
            f"No member of the charter speaks for {authority_name(home.authority)}, where the home "
            "stands, so nothing can be handed in"
        ) from None
