"""Checking a bundle of evidence with nothing but a charter: no network, no database."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec.json import Decoder

from directory.security.audit.anchoring import DATE_RECEIPTS
from directory.security.audit.chain import Row, row_hash
from federation import Believed, Kept, Trust
from protocols.encoding import decode_json
from protocols.errors import Malformed
from protocols.evidence import Evidence, check_evidence, decode_evidence
from protocols.keys import PublicKey, Purpose
from protocols.proof import check_proof

_row = Decoder(Row)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a part of a bundle proves: the message, when its recipient said that it was stored, and
    the checkpoint that dates the receipt. `kind` is what whoever made the bundle says of it.
    """

    kind: str
    evidence: Evidence
    stored_at: datetime
    head: Believed


def check_bundle(data: bytes, charters: tuple[Kept, ...], trust: Trust) -> list[Checked]:
    """What a bundle proves by these charters, the notice first; with the keys of every version,
    since what was signed with one that was given up stays good. Raises a ProtocolError.
    """
    return [
        _check(part.kind, part.evidence, charters, trust) for part in decode_evidence(data).parts
    ]


def _check(kind: str, one: Evidence, charters: tuple[Kept, ...], trust: Trust) -> Checked:
    keys: dict[str, PublicKey] = {}
    for kept in charters:
        keys |= kept.charter.authority_keys(one.recipient, Purpose.SIGNING)
    receipt, proof = check_evidence(one, keys, _hash_row)
    head = trust.open(proof.checkpoint)
    _refuse_other_log(one, charters, head)
    check_proof(proof, trust.verifiers(head.checkpoint))
    return Checked(kind, one, receipt.at, head)


def _hash_row(data: bytes, previous: bytes) -> tuple[int, str, bytes]:
    row = decode_json(data, _row, "evidence's row")
    if msgspec.json.encode(row) != data or row.action != DATE_RECEIPTS:
        raise Malformed("evidence: its row is not one that dates receipts")
    return row.seq, row.detail, row_hash(row, previous)


def _refuse_other_log(one: Evidence, charters: tuple[Kept, ...], head: Believed) -> None:
    """Only the two nodes that had the message date its receipt; another's anchor says nothing."""
    ends = {one.sender, one.recipient}
    if not any(
        member.origin == head.checkpoint.origin and member.area & ends
        for kept in charters
        for member in kept.charter.members
    ):
        raise Malformed("evidence: the log is of neither authority's node")
