"""Evidence that a message was delivered: a receipt, and that the log has dated it.

Receipts of an hour are the leaves of a Merkle tree (RFC 6962 section 2.1), each salted. Its root
stands in a row of the sender's or recipient's audit, whose salted digest is an anchor in that
node's log. So a bundle proves one receipt and shows nothing of the others, nor of the message.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, ClassVar, Literal, TypeAlias, get_args

import msgspec
from msgspec import Meta, Struct
from msgspec.json import Decoder

from protocols.encoding import b64url, decode_canonical, encode_canonical, from_b64url
from protocols.entries import check_blob, decode_entry
from protocols.errors import Malformed, NotIncluded
from protocols.keys import PublicKey
from protocols.kinds import Digest, Gss
from protocols.merkle import check_inclusion, inclusion_proof, leaf_hash, node_hash, subtree_root
from protocols.messages import MessageId
from protocols.proof import Proof, decode_proof
from protocols.publication import Publication
from protocols.receipts import Receipt, open_receipt
from protocols.records import Anchor, anchor_of, decode_record

MAX_EVIDENCE = 8_000_000
MAX_PARTS = 1_002
"""The notice, its acknowledgement, and as much as either side keeps of what follows."""
SALT_SIZE = 32
_Blob = Annotated[str, Meta(max_length=100_000)]


class Leaf(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What is hashed of a receipt, after its salt: whose message it is for, and the receipt."""

    sender: Gss
    message: MessageId
    receipt: str


class Evidence(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="evidence/1"
):
    """Of one message. `sealed` and `signed` are its digests, `path` leads from its leaf at
    `position` to the root over `size` receipts. `row` is the audit row with that root, to the byte
    as it is hashed after `previous`. `payload` is the anchor with its salt, and `proof` a file of
    tlog-proof that the log has it.
    """

    publication: ClassVar = Publication.AUTHORITY

    message: MessageId
    sender: Gss
    recipient: Gss
    sealed: Digest
    signed: Digest
    receipt: Annotated[str, Meta(max_length=4_096)]
    salt: Digest
    position: Annotated[int, Meta(ge=0, lt=2**31)]
    size: Annotated[int, Meta(ge=1, lt=2**31)]
    path: Annotated[tuple[Digest, ...], Meta(max_length=31)]
    row: _Blob
    number: Annotated[int, Meta(ge=1, lt=2**53)]
    previous: Digest
    anchor_salt: Digest
    payload: _Blob
    proof: Annotated[str, Meta(max_length=1_100_000)]


FromPlacing: TypeAlias = Literal[
    "notice", "placement-change/1", "placement-ending/1", "withdrawal/1", "answer/1"
]
FromArea: TypeAlias = Literal["acknowledgement/1", "question/1", "withdrawal-answer/1"]


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A message, and what whoever made the bundle says that it was: nothing proves the `kind` but
    the message itself.
    """

    publication: ClassVar = Publication.AUTHORITY

    kind: FromPlacing | FromArea
    evidence: Evidence


class NoticeEvidence(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="evidence-of-notice/1"
):
    """A bundle: a notice, and what followed it, each delivered and dated. The notice comes first;
    all go between the same two authorities, each the way that its kind goes, and none twice.
    """

    publication: ClassVar = Publication.AUTHORITY

    parts: Annotated[tuple[Part, ...], Meta(min_length=1, max_length=MAX_PARTS)]

    def __post_init__(self) -> None:
        first = self.parts[0]
        ends = first.evidence.sender, first.evidence.recipient
        for part in self.parts:
            if (part.kind == "notice") != (part is first):
                raise ValueError("a bundle is of one notice, which comes first")
            way = ends[::-1] if part.kind in _FROM_AREA else ends
            if (part.evidence.sender, part.evidence.recipient) != way:
                raise ValueError("a message does not go between the authorities of the notice")
        if len({part.evidence.message for part in self.parts}) < len(self.parts):
            raise ValueError("a message stands twice")


_FROM_AREA = frozenset(get_args(FromArea))

RowHash = Callable[[bytes, bytes], tuple[int, str, bytes]]
"""Gives of an audit row, as it is hashed, and the hash before it: its number, its detail, and its
hash. Raises Malformed.
"""

_evidence = Decoder(NoticeEvidence)


def encode_evidence(evidence: NoticeEvidence) -> bytes:
    """The bundle as a file; raises Malformed for one that no reader would accept."""
    data = encode_canonical(evidence, _evidence, "evidence")
    if len(data) > MAX_EVIDENCE:
        raise Malformed(f"evidence: more than {MAX_EVIDENCE} bytes")
    return data


def decode_evidence(data: bytes) -> NoticeEvidence:
    """Inverse of `encode_evidence`. Raises Malformed; nothing is proved yet."""
    if len(data) > MAX_EVIDENCE:
        raise Malformed(f"evidence: more than {MAX_EVIDENCE} bytes")
    return decode_canonical(data, _evidence, "evidence")


def receipt_leaf(salt: bytes, leaf: Leaf) -> bytes:
    """The hash of a receipt's leaf: that of RFC 6962 over 32 random bytes and canonical JSON."""
    return leaf_hash(salt + msgspec.json.encode(leaf))


def receipts_root(leaves: Sequence[bytes]) -> bytes:
    """The root over hashes of leaves, of which there is one at least."""
    return subtree_root(0, len(leaves), _node(leaves))


def receipt_path(leaves: Sequence[bytes], position: int) -> list[bytes]:
    """What leads from one of them to the root."""
    return inclusion_proof(position, len(leaves), _node(leaves))


def detail_of(root: bytes, size: int) -> str:
    """How an audit row says that it has the root over so many receipts."""
    return f"{size} with the root {b64url(root)}"


def check_evidence(
    one: Evidence, keys: Mapping[str, PublicKey], hash_row: RowHash
) -> tuple[Receipt, Proof]:
    """The receipt, verified, and the proof of the entry with which it was anchored. That the proof
    leads to a checkpoint of a log one believes is left to check (`check_proof`).

    `keys` are the recipient's message-signing keys, by key id. Raises Malformed, NotIncluded,
    DigestMismatch, and what `open_receipt` does.
    """
    receipt = open_receipt(
        one.receipt, by=one.recipient, keys=keys, sealed=one.sealed, signed=one.signed
    )
    if receipt.outcome != "stored":
        raise Malformed("evidence: the receipt says that the message was refused")
    leaf = receipt_leaf(from_b64url(one.salt, "salt"), Leaf(one.sender, one.message, one.receipt))
    path = [from_b64url(each, "path") for each in one.path]
    number, detail, head = hash_row(one.row.encode(), from_b64url(one.previous, "previous"))
    root = _root_in(detail, one.size)
    check_inclusion(one.position, leaf, one.size, root, path)
    proof = decode_proof(one.proof.encode())
    payload = from_b64url(one.payload, "payload")
    record = decode_record(check_blob(decode_entry(proof.entry, proof.index), payload))
    salt = from_b64url(one.anchor_salt, "salt of the anchor")
    if number != one.number or record != anchor_of(salt, number, head):
        raise NotIncluded("evidence: the anchor in the log is not of this audit row")
    if not isinstance(record, Anchor):
        raise Malformed("evidence: what the log has is no anchor")
    return receipt, proof


def _root_in(detail: str, size: int) -> bytes:
    said, _, root = detail.rpartition(" ")
    if said != f"{size} with the root":
        raise NotIncluded("evidence: the audit row has no root over so many receipts")
    return from_b64url(root, "root")


def _node(leaves: Sequence[bytes]) -> Callable[[int, int], bytes]:
    def node(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))

    return node
