"""The asker's side: a full document asked for with a reason, and read by whoever asked, for a time.

A colleague who needs it gives a reason of their own: each look has one, at both authorities.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection, Row, insert, select

from directory.country.authorities.service import authority_name
from directory.intake.attachments.keeping import decode_attachments
from directory.intake.screening.patterns import LEADS_TO_A_HOME
from directory.intake.screening.service import screen
from directory.providers.documents.errors import (
    AlreadyAsked,
    NoSuchAsking,
    NotHere,
    NotReachable,
    NotTheirs,
    UnfitReason,
)
from directory.providers.documents.models import document_asking
from directory.providers.documents.standing import in_good_standing
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import (
    DEAD,
    Dispatch,
    Node,
    NoSuchMember,
    dispatches,
    hold,
    queue,
    received_attachment,
)
from protocols.attachments import Attachment
from protocols.documents import DocumentAsking, encode_document_body

TABLE = "document_asking"


@dataclass(frozen=True, slots=True)
class Asking:
    """A document that was asked for. `refusal` says why it was not given."""

    id: str
    urn: str
    area: str
    asked_by: str
    asked_name: str
    asked_at: datetime
    state: str
    answered_at: datetime | None
    ends_at: datetime | None
    refusal: str
    dispatch: Dispatch | None

    @property
    def is_lost(self) -> bool:
        """Whether the message that asks was refused before anybody read it, or waited in vain."""
        return self.state == "asked" and self.dispatch is not None and self.dispatch.state in DEAD


def ask(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    *,
    urn: str,
    area: str,
    reason: str,
) -> str:
    """Ask the authority in whose area a home stands for its full document; gives the asking's id.

    Raises NotAllowed, ReasonWanted, UnfitReason, AlreadyAsked, NotReachable.
    """
    require(who, Action.ASK_FOR_DOCUMENTS, authority, reason)
    reason = " ".join(reason.split())
    for found in screen(reason):
        if found.reason not in LEADS_TO_A_HOME:
            raise UnfitReason(
                f"Characters {found.start + 1} to {found.end} may tell who a child is. Leave that "
                "out, and say what the document is for"
            )
    hold(connection, "documents asked for")
    for one in own_askings(connection, node, who, authority, urn):
        if one.asked_by == who.id and one.state in ("asked", "here") and not one.is_lost:
            raise AlreadyAsked(
                "You have this document already: it stands below"
                if one.state == "here"
                else "You have asked for this document already, and the answer has not come yet"
            )
    if not in_good_standing(node, area):
        raise _not_reachable(area)
    made = token_hex(16)
    body = DocumentAsking(urn, "statement-of-purpose", reason, who.name[:200])
    said = encode_document_body(body)
    try:
        queue(connection, node, sender=authority, recipient=area, body=said, message=made)
    except NoSuchMember:
        raise _not_reachable(area) from None
    sealed = Vault(connection, node).seal(TABLE, "reason", made, reason.encode())
    connection.execute(
        insert(document_asking).values(
            id=made,
            authority=authority,
            urn=urn,
            area=area,
            asked_by=who.id,
            asked_name=who.name[:200],
            asked_at=node.now(),
            reason=sealed,
            state="asked",
        )
    )
    _note(connection, node, who, Action.ASK_FOR_DOCUMENTS, authority, urn, reason, f"of {area}")
    return made


def own_askings(
    connection: Connection, node: Node, who: Principal, authority: str, urn: str | None = None
) -> list[Asking]:
    """What an authority's people have asked for, of one home or of all, the latest first.

    Raises NotAllowed.
    """
    require(who, Action.LIST_DOCUMENTS_ASKED, authority)
    wanted = select(document_asking).where(document_asking.c.authority == authority)
    if urn is not None:
        wanted = wanted.where(document_asking.c.urn == urn)
    rows = connection.execute(
        wanted.order_by(document_asking.c.asked_at.desc(), document_asking.c.id)
    ).all()
    refusals = {row.id: row.refusal for row in rows if row.refusal}
    opened = Vault(connection, node).open_all(TABLE, "refusal", refusals)
    under_way = dispatches(connection, [row.id for row in rows if row.state == "asked"])
    return [
        Asking(
            id=row.id,
            urn=row.urn,
            area=row.area,
            asked_by=row.asked_by,
            asked_name=row.asked_name,
            asked_at=row.asked_at,
            state=_state(row, node.now()),
            answered_at=row.answered_at,
            ends_at=row.ends_at,
            refusal=opened.get(row.id, b"").decode(),
            dispatch=under_way.get(row.id),
        )
        for row in rows
    ]


def read_document(
    connection: Connection, node: Node, who: Principal, authority: str, asking: str
) -> tuple[Attachment, Iterator[bytes]]:
    """The document that came for somebody's asking, in parts to be read after this transaction;
    the look is in the audit, with the reason for which it was asked.

    Raises NotAllowed, NoSuchAsking, NotTheirs, NotHere.
    """
    require(who, Action.LIST_DOCUMENTS_ASKED, authority)
    row = connection.execute(
        select(document_asking).where(
            document_asking.c.id == asking, document_asking.c.authority == authority
        )
    ).one_or_none()
    if row is None:
        raise NoSuchAsking("There is no such asking here.")
    if row.asked_by != who.id:
        raise NotTheirs(f"{row.asked_name} asked for this document. Ask for it yourself")
    if _state(row, node.now()) != "here":
        raise NotHere("The document is not here, or its time is over. Ask for it again")
    vault = Vault(connection, node)
    reason = vault.open(TABLE, "reason", row.id, row.reason).decode()
    require(who, Action.READ_DOCUMENTS, authority, reason)
    attachment = decode_attachments(vault.open(TABLE, "attachment", row.id, row.attachment))[0]
    _note(connection, node, who, Action.READ_DOCUMENTS, authority, row.urn, reason)
    return attachment, received_attachment(node, row.area, row.message, 0, attachment)


def _state(row: Row[tuple[object, ...]], now: datetime) -> str:
    return "ended" if row.state == "here" and row.ends_at <= now else str(row.state)


def _not_reachable(area: str) -> NotReachable:
    return NotReachable(
        f"No active member of the charter speaks for {authority_name(area)}, so nobody can be "
        "asked here. Call them"
    )


def _note(
    connection: Connection,
    node: Node,
    who: Principal,
    action: Action,
    authority: str,
    urn: str,
    reason: str,
    detail: str = "",
) -> None:
    note(
        connection,
        node,
        who,
        action,
        authority=authority,
        record=f"home/{urn}",
        reason=reason,
        detail=detail,
    )
