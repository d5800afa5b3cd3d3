"""Signed notes (C2SP signed-note), with Ed25519 signatures, type 0x01."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Self

from protocols.encoding import b64, from_b64
from protocols.errors import Malformed, UnknownKey
from protocols.keys import PrivateKey, PublicKey, Purpose

ED25519 = b"\x01"
MAX_NOTE = 1_000_000
MAX_SIGNATURES = 100
# Halves of surrogate pairs are in no UTF-8; Python's text may hold them.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_KEY_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")


@dataclass(frozen=True)
class NoteVerifier:
    """A key name with the key that signs under it."""

    kind: ClassVar[bytes] = ED25519
    name: str
    key: PublicKey

    def __post_init__(self) -> None:
        if not _KEY_NAME.fullmatch(self.name):
            raise Malformed(f"key name {self.name!r}: empty, or with a space, control or plus sign")

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name, newline, type, public key)."""
        return sha256(self.name.encode() + b"\n" + self.kind + self.key.raw).digest()[:4]

    @property
    def vkey(self) -> str:
        """The verifier key as text, as Go's `note.NewVerifier` and other tools read it."""
        return f"{self.name}+{self.key_id.hex()}+{b64(self.kind + self.key.raw)}"

    @classmethod
    def from_vkey(cls, vkey: str, purpose: Purpose) -> Self:
        """Inverse of `vkey`; raises Malformed for another type, or an id that does not fit."""
        name, _, rest = vkey.partition("+")
        key_id, _, encoded = rest.partition("+")
        material = from_b64(encoded, "verifier key")
        if material[:1] != cls.kind:
            raise Malformed(f"verifier key: not of the one type that is taken, 0x{cls.kind.hex()}")
        verifier = cls(name, PublicKey(purpose, material[1:]))
        if key_id != verifier.key_id.hex():
            raise Malformed("verifier key: the key id does not fit the key")
        return verifier


@dataclass(frozen=True)
class NoteSigner:
    """A key name with the private key that signs under it."""

    name: str
    key: PrivateKey

    @property
    def verifier(self) -> NoteVerifier:
        """The half to hand out."""
        return NoteVerifier(self.name, self.key.public)

    def line(self, text: bytes) -> str:
        """The signature line over a note's text, without its newline."""
        return f"— {self.name} {b64(self.verifier.key_id + self.key.sign(text))}"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line taken apart, and not yet verified."""

    name: str
    key_id: bytes
    signature: bytes
    line: str


@dataclass(frozen=True, slots=True)
class ParsedNote:
    """A note's text, ending in a newline, and who claims to have signed it."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class OpenedNote:
    """A note's text, ending in a newline, and the keys that verifiably signed it."""

    text: str
    signers: tuple[NoteVerifier, ...]


def sign_note(text: str, signers: Collection[NoteSigner]) -> bytes:
    """The text, which must end in a newline, signed by each signer in turn."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise Malformed("note: the text must end in a newline and hold no control characters")
    body = text.encode()
    return body + b"\n" + "".join(f"{signer.line(body)}\n" for signer in signers).encode()


def open_note(note: bytes, verifiers: Collection[NoteVerifier]) -> OpenedNote:
    """Verify a note.

    Signatures by keys that are not among `verifiers` are ignored. Raises BadSignature when one by a
    known key does not verify, UnknownKey when none is by a known key, Malformed otherwise.
    """
    parsed = parse_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signers: dict[tuple[str, bytes], NoteVerifier] = {}
    for one in parsed.signatures:
        identity = (one.name, one.key_id)
        if identity in known and identity not in signers:
            known[identity].key.verify(one.signature, parsed.text.encode())
            signers[identity] = known[identity]
    if not signers:
        raise UnknownKey("note: not signed by any key that is known for it")
    return OpenedNote(parsed.text, tuple(signers.values()))


def parse_note(note: bytes) -> ParsedNote:
    """Take a note apart without verifying anything; raises Malformed."""
    text, lines = _split(note)
    return ParsedNote(text, tuple(parse_signature(line) for line in lines))


def parse_signature(line: str) -> Signature:
    """Take a signature line apart, which comes without its newline; raises Malformed."""
    match = _SIGNATURE.fullmatch(line)
    if not match:
        raise Malformed("note: a signature line is not in the form '— name base64'")
    signature = from_b64(match[2], "note signature")
    if len(signature) < 5:
        raise Malformed("note: a signature is too short")
    return Signature(match[1], signature[:4], signature[4:], line)


def _split(note: bytes) -> tuple[str, list[str]]:
    if len(note) > MAX_NOTE:
        raise Malformed(f"note: more than {MAX_NOTE} bytes")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("note: not UTF-8") from error
    if _CONTROL.search(whole):
        raise Malformed("note: holds control characters")
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise Malformed("note: no signature lines after a blank line")
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed(f"note: more than {MAX_SIGNATURES} signatures")
    return text + "\n", lines
