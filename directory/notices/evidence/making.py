"""Making a bundle of evidence of a notice and what followed it. Nothing of the child is in it.

It names each message by its digests. Who holds a message can show that it is the one; who does not
learns from the bundle that one authority's node stored a message of another, and by when. The files
of a message are known by the same digest: what was signed names each by those of its chunks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, select
from sqlalchemy import Row as DatabaseRow

from directory.notices.errors import NoSuchNotice, NotDatedYet
from directory.notices.models import notice_event, received_notice, sent_notice
from directory.notices.now import Side
from directory.security.audit.anchoring import REFERENCE
from directory.security.audit.chain import Row
from directory.security.audit.models import audit_anchor, audit_row
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import FollowedLog, Node, dated_batch, followed_logs, own_records, prove
from protocols.encoding import b64url
from protocols.evidence import (
    Evidence,
    FromArea,
    FromPlacing,
    Leaf,
    NoticeEvidence,
    Part,
    encode_evidence,
    receipt_leaf,
    receipt_path,
)
from protocols.receipts import read_receipt
from protocols.records import anchor_of, encode_record


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle: its bytes, how many messages it proves, and the kinds of those that it leaves out
    because no anchor dates their receipts yet.
    """

    data: bytes
    parts: int
    undated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Message:
    kind: FromPlacing | FromArea
    id: str
    sender: str
    recipient: str


def make_evidence(
    connection: Connection,
    replica: Connection,
    node: Node,
    who: Principal,
    *,
    authority: str,
    notice: str,
) -> Made:
    """The bundle of a notice by or to an authority, with what followed it; that it was made is in
    the audit. `connection` is `writing` on `node.db`, `replica` reads `replica.db`.

    Raises NotAllowed, NoSuchNotice; NotDatedYet until the notice has a receipt, it is anchored, and
    our own log is followed so far; federation's NothingToProve.
    """
    require(who, Action.SHOW_EVIDENCE, authority)
    first, *others = _messages(connection, authority, notice)
    parts, undated = [_part(connection, replica, node, first)], []
    for one in others:
        try:
            parts.append(_part(connection, replica, node, one))
        except NotDatedYet:
            undated.append(one.kind)
    note(
        connection,
        node,
        who,
        Action.SHOW_EVIDENCE,
        authority=authority,
        record=f"notice/{notice}",
    )
    return Made(encode_evidence(NoticeEvidence(tuple(parts))), len(parts), tuple(undated))


def _part(connection: Connection, replica: Connection, node: Node, of: _Message) -> Part:
    found = dated_batch(connection, of.sender, of.id)
    anchored = found and _anchor_of(connection, found[0])
    if found is None or anchored is None:
        raise NotDatedYet(
            "It has no receipt yet that an anchor dates. Anchors are made every hour by "
            "the worker, after the receipt has come: see 'hearth outbox', and try again."
        )
    batch, position, receipts = found
    mine = receipts[position]
    leaves = [
        receipt_leaf(one.salt, Leaf(one.sender, one.message, one.receipt)) for one in receipts
    ]
    row, previous = _row(connection, batch)
    log, index = _entry(connection, replica, node, anchored)
    proved = prove(replica, log, index)
    said = read_receipt(mine.receipt)
    return Part(
        of.kind,
        Evidence(
            message=of.id,
            sender=of.sender,
            recipient=of.recipient,
            sealed=said.sealed,
            signed=said.signed or "",
            receipt=mine.receipt,
            salt=b64url(mine.salt),
            position=position,
            size=len(leaves),
            path=tuple(b64url(one) for one in receipt_path(leaves, position)),
            row=msgspec.json.encode(row).decode(),
            number=batch,
            previous=b64url(previous),
            anchor_salt=b64url(anchored.salt),
            payload=b64url(proved.payload or b""),
            proof=proved.proof.decode(),
        ),
    )


def _messages(connection: Connection, authority: str, notice: str) -> list[_Message]:
    """A notice by or to an authority, and all that followed it, in the order in which it was said
    or came here.
    """
    sides: tuple[tuple[Side, Table, ColumnElement[str]], ...] = (
        ("sent", sent_notice, sent_notice.c.placing_authority),
        ("received", received_notice, received_notice.c.area_authority),
    )
    for side, table, ours in sides:
        wanted = select(
            table.c.placing_authority, table.c.area_authority, table.c.acknowledgement_message
        ).where(table.c.id == notice, ours == authority)
        if row := connection.execute(wanted).first():
            return [*_of_notice(connection, side, notice, row)]
    raise NoSuchNotice(f"there is no notice {notice} to or by {authority} here")


def _of_notice(connection: Connection, side: Side, notice: str, row: Any) -> Iterator[_Message]:
    placing, area = row.placing_authority, row.area_authority
    yield _Message("notice", notice, placing, area)
    if row.acknowledgement_message:
        yield _Message("acknowledgement/1", row.acknowledgement_message, area, placing)
    event = notice_event.c
    said = select(event.kind, event.message).where(
        event.side == side, event.notice == notice, event.placing_authority == placing
    )
    for one in connection.execute(said.order_by(event.seq)):
        back = one.kind in get_args(FromArea)
        yield _Message(one.kind, one.message, *((area, placing) if back else (placing, area)))


def _anchor_of(connection: Connection, batch: int) -> DatabaseRow[tuple[object, ...]] | None:
    return connection.execute(select(audit_anchor).where(audit_anchor.c.seq == batch)).one_or_none()


def _row(connection: Connection, batch: int) -> tuple[Row, bytes]:
    """The audit row that has the root, and the hash of the row before."""
    row = connection.execute(select(audit_row).where(audit_row.c.seq == batch)).mappings().one()
    return Row(**{name: row[name] for name in Row.__struct_fields__}), row["previous"]


def _entry(
    connection: Connection,
    replica: Connection,
    node: Node,
    anchored: DatabaseRow[tuple[object, ...]],
) -> tuple[FollowedLog, int]:
    """Where in our own log, as this node follows it, the anchor stands."""
    anchor = encode_record(anchor_of(anchored.salt, anchored.seq, anchored.head))
    places = [index for index, said in own_records(connection, REFERENCE).items() if said == anchor]
    logs = [log for log in followed_logs(replica).values() if log.node == node.name]
    if not (places and logs):
        raise NotDatedYet(
            "The anchor that dates the receipt is not in this node's log yet. It is published by "
            "the worker: try again in a minute."
        )
    return logs[0], places[0]
