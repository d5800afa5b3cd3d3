"""What an officer does with a guide or a document that waits: accepts it in the place of what the
authority keeps, or returns it with a reason. Whoever handed it in is told.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection

from directory.providers.accepting.models import handed_in
from directory.providers.accepting.waiting import (
    Waiting,
    body_of,
    drop_waiting,
    every_waiting,
    files_of,
    one_waiting,
)
from directory.providers.documents.cleaning import cleaned
from directory.providers.documents.keeping import keep_cleaned
from directory.providers.guides.pictures import redrawn, replace_pictures
from directory.providers.guides.writing import Guide, Person, save_guide
from directory.providers.handins.answering import answer
from directory.providers.statements.desks import Desk
from directory.providers.statements.importing.clamav import refuse_infected
from directory.records.publishing.service import of_home
from directory.security.audit.service import note
from directory.security.rights.errors import ReasonWanted
from directory.security.rights.principal import Principal
from directory.security.rights.service import LONGEST_REASON, SHORTEST_REASON, require
from directory.security.rights.table import Action
from federation import Node, reading, writing
from protocols.attachments import MediaType
from protocols.handins import GuideContact, GuideHandIn, Outcome, decode_hand_in_body

_Files: TypeAlias = Sequence[tuple[MediaType, bytes]]
_Keep: TypeAlias = Callable[[Connection, Principal, Desk], None]


def waiting_for(connection: Connection, who: Principal, authority: str) -> list[Waiting]:
    """What waits of an authority's homes, what came first, first. Raises NotAllowed."""
    require(who, Action.KEEP_DOCUMENTS, authority)
    return every_waiting(connection, authority)


def read_guide_waiting(connection: Connection, node: Node, number: str) -> GuideHandIn:
    """What a guide that waits says."""
    body = decode_hand_in_body(body_of(connection, node, number))
    if not isinstance(body, GuideHandIn):
        raise TypeError("a guide that waits is a guide")
    return body


def read_document_waiting(
    connection: Connection, node: Node, who: Principal, authority: str, number: str
) -> tuple[Waiting, MediaType, bytes]:
    """A document that waits, to be read before it is accepted; the look is in the audit. It is as
    it was handed in. Raises NotAllowed, NothingWaits.
    """
    one = _one(connection, who, authority, number)
    ((kind, content),) = files_of(connection, node, number)
    action = "read a full document that was handed in"
    note(connection, node, who, action, authority=authority, record=of_home(one.urn))
    return one, kind, content


def picture_waiting(node: Node, who: Principal, authority: str, number: str, place: int) -> bytes:
    """A picture of a guide that waits, redrawn. Raises NotAllowed, NothingWaits, UnfitPicture."""
    with reading(node.node_db) as connection:
        one = _one(connection, who, authority, number)
        files = files_of(connection, node, number, place) if one.kind == "guide" else []
    return redrawn(files[0][1] if files else b"")


def accept(
    node: Node, who: Principal, authority: str, number: str, clamav: Path | None = None
) -> None:
    """Keep it in the place of what the authority keeps of the home. With `clamav`, its daemon is
    asked about every file.

    Raises NotAllowed, NothingWaits; UnfitPicture, Unfit or Refused, where a file cannot be kept.
    """
    with reading(node.node_db) as connection:
        one = _one(connection, who, authority, number)
        files = files_of(connection, node, number)
        guide = read_guide_waiting(connection, node, number) if one.kind == "guide" else None
    if clamav:
        for _, data in files:
            refuse_infected(data, clamav)
    # Before the transaction: it may take half a minute.
    keep = _keeping_guide(node, guide, files) if guide else _keeping_document(node, files)
    with writing(node.node_db) as connection:
        one_waiting(connection, authority, number)
        keep(connection, who, Desk(authority, one.urn))
        _settle(connection, node, who, authority, one, "published", "")


def _keeping_guide(node: Node, guide: GuideHandIn, files: _Files) -> _Keep:
    pictures = [redrawn(data) for _, data in files]
    drawn = list(zip(pictures, guide.pictures, strict=True))

    def keep(connection: Connection, who: Principal, desk: Desk) -> None:
        save_guide(connection, node, who, desk, _said(guide))
        replace_pictures(connection, node, desk, drawn)

    return keep


def _keeping_document(node: Node, files: _Files) -> _Keep:
    ((_, data),) = files
    kind, clean = cleaned(data)

    def keep(connection: Connection, who: Principal, desk: Desk) -> None:
        keep_cleaned(connection, node, who, desk.authority, desk.urn, kind, clean)

    return keep


def give_back(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, reason: str
) -> None:
    """Destroy it here, and say why to whoever handed it in.

    Raises NotAllowed, NothingWaits, ReasonWanted.
    """
    one = _one(connection, who, authority, number)
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise ReasonWanted(
            f"Say why, in {SHORTEST_REASON} to {LONGEST_REASON} characters. The provider’s staff "
            "read it"
        )
    _settle(connection, node, who, authority, one, "returned", reason.strip())


def _one(connection: Connection, who: Principal, authority: str, number: str) -> Waiting:
    require(who, Action.KEEP_DOCUMENTS, authority)
    return one_waiting(connection, authority, number)


def _settle(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    one: Waiting,
    outcome: Outcome,
    reason: str,
) -> None:
    drop_waiting(connection, node, handed_in.c.id == one.id)
    answer(
        connection,
        node,
        hand_in=one.hand_in,
        through=one.through,
        authority=authority,
        outcome=outcome,
        reason=reason,
    )
    what = "a children's guide" if one.kind == "guide" else "a full document"
    note(
        connection,
        node,
        who,
        f"{'accept' if outcome == 'published' else 'return'} {what} that was handed in",
        authority=authority,
        record=of_home(one.urn),
        reason=reason,
        detail=f"handed in by {one.handed_in_by}",
    )


def _said(guide: GuideHandIn) -> Guide:
    return Guide(
        {one.topic: one.text for one in guide.topics},
        _person(guide.complaints),
        _person(guide.advocacy),
    )


def _person(one: GuideContact | None) -> Person | None:
    return Person(one.name, one.telephone) if one else None
