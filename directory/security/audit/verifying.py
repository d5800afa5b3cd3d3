"""Checking the audit: every row against the one before, and the chain against the node's own log.

Whoever owns the database can compute the whole chain anew. The anchors are what they cannot make
anew: they stand in the log, which is signed, and which other members hold. What was noted after the
newest anchor rests on the chain and its head alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, RowMapping, select

from directory.security.audit.anchoring import REFERENCE
from directory.security.audit.chain import START, Row, row_hash
from directory.security.audit.models import audit_anchor, audit_head, audit_row
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, audit_own_log, own_records, staged_count
from protocols.errors import ProtocolError
from protocols.records import Anchor, anchor_of, decode_record

_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the audit is worth. `anchored` is the newest row that the log vouches for.

    `problem` says what broke first, and `row` where, if it is a row; None when all is sound.
    """

    rows: int
    anchors: int
    anchored: int
    problem: str | None = None
    row: int | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None


class _Broken(Exception):
    """What broke first."""

    def __init__(self, problem: str, row: int | None = None) -> None:
        super().__init__(problem)
        self.row = row


def verify_audit(
    connection: Connection, node: Node, who: Principal, authority: str | None = None
) -> Verdict:
    """Check all of the audit, for who looks after the node, or may read the audit of one of its
    authorities: it is one chain for all of them. Raises NotAllowed."""
    require(who, Action.SEE_NODE if authority is None else Action.READ_AUDIT, authority)
    kept = connection.execute(select(audit_anchor).order_by(audit_anchor.c.seq)).mappings().all()
    rows, anchored = 0, 0
    try:
        rows = _check_chain(connection, {one["seq"]: one["head"] for one in kept})
        anchored = _check_anchors(connection, node, kept)
    except _Broken as broken:
        return Verdict(rows, len(kept), anchored, str(broken), broken.row)
    return Verdict(rows, len(kept), anchored)


def _check_chain(connection: Connection, anchored: Mapping[int, bytes]) -> int:
    """Walk all rows; gives how many there are."""
    last, previous = 0, START
    query = select(audit_row).order_by(audit_row.c.seq).execution_options(yield_per=_CHUNK)
    with connection.execute(query) as result:
        for chunk in result.mappings().partitions():
            for row in chunk:
                if row["seq"] != last + 1:
                    raise _Broken(f"row {last + 1} is missing", last + 1)
                last = row["seq"]
                _check_row(row, previous)
                previous = row["hash"]
                if anchored.get(last, previous) != previous:
                    raise _Broken(f"row {last} is not the one that was anchored", last)
    head = connection.execute(select(audit_head)).one_or_none()
    end = max([head.seq if head else 0, *anchored])
    if end > last:
        raise _Broken(f"the end is cut off: row {last + 1} and what came after it", last + 1)
    if head is None or (head.seq, head.hash) != (last, previous):
        raise _Broken(f"the head that was noted is not that of row {last}", last)
    return last


def _check_row(row: RowMapping, previous: bytes) -> None:
    seq = row["seq"]
    said = Row(**{name: row[name] for name in Row.__struct_fields__})
    if row_hash(said, row["previous"]) != row["hash"]:
        raise _Broken(f"row {seq} was rewritten: it has not the hash that was noted with it", seq)
    if row["previous"] != previous:
        raise _Broken(f"row {seq} does not follow the one before: one of both was replaced", seq)
    reason = row["reason"]
    if (sha256(reason).digest() if reason is not None else None) != row["reason_digest"]:
        raise _Broken(f"the reason of row {seq} was replaced or taken away", seq)


def _check_anchors(connection: Connection, node: Node, kept: Sequence[RowMapping]) -> int:
    """Compare with the log; gives the newest row that it vouches for."""
    for log in audit_own_log(connection, node):
        if log.problem:
            raise _Broken(f"the log that holds the anchors is not sound: {log.problem}")
    in_log = _anchors_in(own_records(connection, REFERENCE))
    waiting = staged_count(connection) > 0
    vouched = 0
    for one in kept:
        digest = anchor_of(one["salt"], one["seq"], one["head"]).digest
        if digest in in_log:
            vouched = one["seq"]
            del in_log[digest]
        elif not (waiting and one is kept[-1]):
            raise _Broken(f"the anchor of row {one['seq']} is not in the log", one["seq"])
    if in_log:
        index = min(in_log.values())
        raise _Broken(
            f"entry {index} of the log anchors an audit that is not this one: rows were computed "
            "anew, or anchors taken away"
        )
    return vouched


def _anchors_in(records: Mapping[int, bytes]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, data in records.items():
        try:
            record = decode_record(data)
        except ProtocolError:
            continue
        if isinstance(record, Anchor):
            found[record.digest] = index
    return found
