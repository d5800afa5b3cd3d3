"""The placing authority's side: sending a notice, where it is, and what was answered.

What it says of a child is sealed before it reaches a table. Whoever asks is held to the table of
rights first, and every look and change is in the audit, in the same transaction: so a look needs
`writing`, too.

Care Planning, Placement and Case Review (England) Regulations 2010, regulation 13(4): the placing
authority notifies the area authority before the placement, or within five working days of its
start in an emergency.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from secrets import token_hex

from msgspec.json import Decoder
from sqlalchemy import Connection, Row, insert, select

from directory.notices.errors import AlreadySent, NoSuchNotice, UnreadableNotice
from directory.notices.looking import (
    Opened,
    note_look,
    open_attachments,
    open_notice,
    seal_attachments,
)
from directory.notices.models import sent_notice
from directory.notices.releases import as_first, as_they_read, require_takes_files
from directory.privacy.restricting.children import marks_of
from directory.privacy.restricting.closing import closed_to, require_child_open, require_open
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Enclosure, Node, attach, dispatches, queue, queue_again
from protocols.encoding import decode_json
from protocols.errors import Malformed
from protocols.notices import (
    Acknowledgement,
    Notice,
    PlacementNotice,
    decode_body,
    encode_body,
)

_NOTICE: Decoder[Notice | PlacementNotice] = Decoder(Notice | PlacementNotice)


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice that went out, without what it says of the child."""

    id: str
    placing_authority: str
    area_authority: str
    sent_at: datetime
    acknowledged_at: datetime | None
    ended_on: date | None
    withdrawn_at: datetime | None


def read_notice(data: bytes) -> Notice:
    """A notice from JSON, as a person or a case system writes it. Raises UnreadableNotice."""
    try:
        return decode_json(data, _NOTICE, "notice")
    except Malformed as error:
        raise UnreadableNotice(
            f"This is not a notice that can be sent: {error}. Nothing was sent."
        ) from None


def send_notice(
    connection: Connection,
    node: Node,
    who: Principal,
    notice: Notice,
    *,
    placing: str,
    area: str,
    form: str | None = None,
    files: Sequence[Enclosure] = (),
) -> str:
    """Keep a notice and queue it, sealed, for the area authority; gives the message's id.

    `placing` and `area` are GSS codes. `form` is what a form was given when it was first shown: one
    that the same person sends again gives the same message, and sends none. `files` go with it.
    Raises NotAllowed, AlreadySent when the form said something else before, federation's
    NoSuchMember; NoFilesThere where the node there is too old for files.
    """
    require(who, Action.SEND_NOTICES, placing)
    body = encode_body(notice)
    vault = Vault(connection, node)
    message = id_for(form, who, placing) if form else token_hex(16)
    if form and (before := _sent_row(connection, placing, message)):
        went = open_attachments(vault, "sent_notice", message, before)
        if (
            before.area_authority != area
            or vault.open("sent_notice", "body", message, before.body) != body
            or [(one.name, one.type) for one in went] != [(one.name, one.type) for one in files]
        ):
            raise AlreadySent(
                "This form was sent before, with other answers. Those went out, and these did not."
            )
        return message
    if files:
        require_takes_files(node, area)
    attachments = attach(connection, sender=placing, message=message, files=files)
    queue(
        connection,
        node,
        sender=placing,
        recipient=area,
        body=encode_body(as_they_read(node, notice, area)),
        message=message,
        attachments=attachments,
    )
    connection.execute(
        insert(sent_notice).values(
            id=message,
            placing_authority=placing,
            area_authority=area,
            body=vault.seal("sent_notice", "body", message, body),
            attachments=seal_attachments(vault, "sent_notice", message, attachments),
            sent_at=node.now(),
        )
    )
    note(
        connection,
        node,
        who,
        Action.SEND_NOTICES,
        authority=placing,
        record=f"notice/{message}",
        detail=f"to {area}",
    )
    return message


def send_again(
    connection: Connection, node: Node, who: Principal, *, placing: str, notice: str
) -> None:
    """Send a notice once more that was refused, or that nobody took for 28 days. Raises NotAllowed,
    NoSuchNotice, federation's NotDead and NoSuchMember. One that their node was too old to read
    goes in its first form.
    """
    require(who, Action.SEND_NOTICES, placing)
    require_open(connection, who, placing, f"notice/{notice}")
    row = _sent_row(connection, placing, notice)
    if row is None:
        raise NoSuchNotice(f"there is no notice {notice} by {placing} here")
    kept = open_notice(connection, node, "sent", row)
    known = dispatches(connection, [notice])[notice].problem != "unknown-schema"
    body = as_they_read(node, kept.notice, row.area_authority) if known else as_first(kept.notice)
    queue_again(connection, node, notice, encode_body(body), kept.attachments)
    note(
        connection,
        node,
        who,
        Action.SEND_NOTICES,
        authority=placing,
        record=f"notice/{notice}",
        detail=f"again, to {row.area_authority}",
    )


def sent(connection: Connection, who: Principal, placing: str) -> list[Sent]:
    """Notices by an authority, the latest first, without those that are closed to who asks: to
    whom one went says where the child lives. Raises NotAllowed.
    """
    require(who, Action.LIST_SENT_NOTICES, placing)
    closed = closed_to(connection, who, placing)
    columns = [sent_notice.c[name] for name in Sent.__dataclass_fields__]
    rows = connection.execute(
        select(*columns)
        .where(sent_notice.c.placing_authority == placing)
        .order_by(sent_notice.c.sent_at.desc(), sent_notice.c.id)
    )
    return [Sent(*row) for row in rows if f"notice/{row.id}" not in closed]


def one_sent(connection: Connection, who: Principal, *, placing: str, notice: str) -> Sent:
    """A notice by an authority, without the child. Raises NotAllowed, NoSuchNotice, Restricted."""
    require(who, Action.LIST_SENT_NOTICES, placing)
    require_open(connection, who, placing, f"notice/{notice}")
    row = _sent_row(connection, placing, notice)
    if row is None:
        raise NoSuchNotice(f"there is no notice {notice} by {placing} here")
    return Sent(**{name: row._mapping[name] for name in Sent.__dataclass_fields__})


def read_sent(
    connection: Connection, node: Node, who: Principal, *, placing: str, notice: str, reason: str
) -> Opened:
    """All of a notice that an authority sent; the look is in the audit. Raises as `read_received`
    does.
    """
    require(who, Action.READ_SENT_NOTICES, placing, reason)
    row = _sent_row(connection, placing, notice)
    if row is None:
        raise NoSuchNotice(f"there is no notice {notice} by {placing} here")
    opened = open_notice(connection, node, "sent", row)
    child = marks_of(placing, opened.now.says.child)
    require_child_open(connection, node, who, placing, f"notice/{notice}", child)
    note_look(connection, node, who, Action.READ_SENT_NOTICES, placing, notice, reason)
    return opened


def acknowledgement_of(
    connection: Connection, node: Node, who: Principal, *, placing: str, notice: str
) -> Acknowledgement | None:
    """The area authority's answer to a notice that we sent: whom to call there, and nothing about
    the child. None while there is none, or no more. Raises NotAllowed.
    """
    return acknowledgements_of(connection, node, who, placing=placing, notices=[notice]).get(notice)


def acknowledgements_of(
    connection: Connection, node: Node, who: Principal, *, placing: str, notices: Collection[str]
) -> dict[str, Acknowledgement]:
    """The answers to some of the notices that we sent, by the notice's id, without those that are
    closed to who asks. Raises NotAllowed.
    """
    require(who, Action.LIST_SENT_NOTICES, placing)
    closed = closed_to(connection, who, placing)
    rows = connection.execute(
        select(sent_notice.c.id, sent_notice.c.acknowledgement).where(
            sent_notice.c.id.in_(notices),
            sent_notice.c.placing_authority == placing,
            sent_notice.c.acknowledgement.is_not(None),
        )
    )
    sealed = {row.id: row.acknowledgement for row in rows if f"notice/{row.id}" not in closed}
    opened = Vault(connection, node).open_all("sent_notice", "acknowledgement", sealed)
    bodies = {notice: decode_body(data) for notice, data in opened.items()}
    return {one: body for one, body in bodies.items() if isinstance(body, Acknowledgement)}


def id_for(form: str, who: Principal, authority: str) -> str:
    """The message's id that a form leads to. Only its own sender can meet it again."""
    return sha256("\n".join(("form", who.id, authority, form)).encode()).hexdigest()[:32]


def _sent_row(connection: Connection, placing: str, notice: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(
        select(sent_notice).where(
            sent_notice.c.id == notice, sent_notice.c.placing_authority == placing
        )
    ).one_or_none()
