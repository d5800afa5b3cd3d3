"""Cosignatures (C2SP tlog-cosignature), the Ed25519 kind: cosignature/v1, type 0x04.

A witness says with one: as of this time, this is the largest consistent tree of the log that I have
seen. The other kind, ML-DSA-44 (type 0x06), is let stand where it comes, and counts for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from protocols.encoding import b64
from protocols.errors import BadSignature, Malformed
from protocols.keys import PrivateKey, Purpose, check_purpose
from protocols.note import NoteVerifier, ParsedNote, parse_note

COSIGNATURE_V1 = b"\x04"
MAX_TIME = 2**63 - 1
_TIME_SIZE = 8
_SIZE = _TIME_SIZE + 64


@dataclass(frozen=True)
class Cosigner(NoteVerifier):
    """A witness by its name and public key: who cosigns under a verifier key of type 0x04."""

    kind: ClassVar[bytes] = COSIGNATURE_V1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_purpose(self.key, Purpose.WITNESS)

    @classmethod
    def of_vkey(cls, vkey: str) -> Self:
        """Inverse of `vkey`; raises Malformed."""
        return cls.from_vkey(vkey, Purpose.WITNESS)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified cosignature: whose, when (seconds since 1970), and its line without newline."""

    cosigner: Cosigner
    time: int
    line: str


def cosign(text: str, name: str, key: PrivateKey, time: int) -> str:
    """The signature line, without newline, of a witness over a checkpoint's text at a time.

    `time` is in seconds since 1970, and not zero: only a cosignature of a subtree has none.
    """
    cosigner = Cosigner(name, key.public)
    if not 0 < time <= MAX_TIME:
        raise Malformed("cosignature: a time that is none")
    signature = time.to_bytes(_TIME_SIZE) + key.sign(_message(text, time))
    return f"— {name} {b64(cosigner.key_id + signature)}"


def cosignatures(
    note: bytes | ParsedNote, cosigners: Iterable[Cosigner]
) -> tuple[Cosignature, ...]:
    """The verified cosignatures of a checkpoint by these witnesses, one for each at most.

    Other signatures are ignored, the log's among them. Of several by one witness the first counts.
    Raises BadSignature when one by a known key does not verify, which spoils the note as a whole
    (C2SP signed-note), and Malformed.
    """
    parsed = parse_note(note) if isinstance(note, bytes) else note
    known = {(one.name, one.key_id): one for one in cosigners}
    found: dict[Cosigner, Cosignature] = {}
    for one in parsed.signatures:
        cosigner = known.get((one.name, one.key_id))
        if cosigner is not None and cosigner not in found:
            time = _verified(parsed.text, cosigner, one.signature)
            found[cosigner] = Cosignature(cosigner, time, one.line)
    return tuple(found.values())


def _verified(text: str, cosigner: Cosigner, signature: bytes) -> int:
    """The time of a cosignature."""
    time = int.from_bytes(signature[:_TIME_SIZE])
    if len(signature) != _SIZE or not 0 < time <= MAX_TIME:
        raise BadSignature(f"cosignature of {cosigner.name}: not in the form of cosignature/v1")
    cosigner.key.verify(signature[_TIME_SIZE:], _message(text, time))
    return time


def _message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def with_cosignature(note: bytes, cosignature: Cosignature) -> bytes:
    """The note with a cosignature, in the place of an earlier one of the same witness."""
    parsed = parse_note(note)
    by = {(one.name, one.key_id): one.line for one in parsed.signatures}
    by[cosignature.cosigner.name, cosignature.cosigner.key_id] = cosignature.line
    lines = "".join(f"{line}\n" for line in by.values())
    return f"{parsed.text}\n{lines}".encode()
