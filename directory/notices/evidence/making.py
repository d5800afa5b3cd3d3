"""Making a bundle of evidence of a notice that was sent or received. Nothing of the child is in it.

It names the message by its digests. Who holds the message can show that it is the one; who does not
learns from the bundle that one authority's node stored a message of another, and by when.
"""

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy import Row as DatabaseRow

from directory.notices.errors import NoSuchNotice, NotDatedYet
from directory.notices.models import received_notice, sent_notice
from directory.security.audit.anchoring import REFERENCE
from directory.security.audit.chain import Row
from directory.security.audit.models import audit_anchor, audit_row
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import FollowedLog, Node, dated_batch, followed_logs, own_records, prove
from protocols.encoding import b64url
from protocols.evidence import Evidence, Leaf, encode_evidence, receipt_leaf, receipt_path
from protocols.receipts import read_receipt
from protocols.records import anchor_of, encode_record


def make_evidence(
    connection: Connection,
    replica: Connection,
    node: Node,
    who: Principal,
    *,
    authority: str,
    notice: str,
) -> bytes:
    """The bundle of a notice by or to an authority; that it was made is in the audit. `connection`
    is `writing` on `node.db`, `replica` reads `replica.db`.

    Raises NotAllowed, NoSuchNotice; NotDatedYet until there is a receipt, it is anchored, and our
    own log is followed so far; federation's NothingToProve.
    """
    require(who, Action.SHOW_EVIDENCE, authority)
    sender, recipient = _ends(connection, authority, notice)
    found = dated_batch(connection, sender, notice)
    anchored = found and _anchor_of(connection, found[0])
    if found is None or anchored is None:
        raise NotDatedYet(
            "The notice has no receipt yet that an anchor dates. Anchors are made every hour by "
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
    note(
        connection,
        node,
        who,
        Action.SHOW_EVIDENCE,
        authority=authority,
        record=f"notice/{notice}",
    )
    return encode_evidence(
        Evidence(
            message=notice,
            sender=sender,
            recipient=recipient,
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
        )
    )


def _ends(connection: Connection, authority: str, notice: str) -> tuple[str, str]:
    """Who sent the notice, and to whom; one of both is `authority`."""
    for table, ours in (
        (sent_notice, sent_notice.c.placing_authority),
        (received_notice, received_notice.c.area_authority),
    ):
        row = connection.execute(
            select(table.c.placing_authority, table.c.area_authority).where(
                table.c.id == notice, ours == authority
            )
        ).first()
        if row:
            return row.placing_authority, row.area_authority
    raise NoSuchNotice(f"there is no notice {notice} to or by {authority} here")


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
