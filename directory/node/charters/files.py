"""Files that charters are passed around in: drafts, charter keys and descriptions of nodes.

A draft is a note that is not yet signed: one line of JSON, an empty line, and then the signatures
that there are. The version before lies beside it, so that whoever signs, without a node and without
a network, sees what would change.
"""

from pathlib import Path

import msgspec
from msgspec.json import Decoder

from directory.node.charters.errors import UnusableFile
from federation import split_chain, write_private
from protocols.charter import Charter, Member, charter_digest, decode_charter
from protocols.encoding import b64url, decode_json, encode_canonical, from_b64url
from protocols.errors import ProtocolError
from protocols.keys import PrivateKey, Purpose
from protocols.note import NoteSigner

_MEMBER = Decoder(Member)

_CHARTER = Decoder(Charter)

BEFORE = ".before"


class _KeyFile(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    seed: str


def write_draft(path: Path, charter: Charter, before: bytes) -> None:
    """Write a draft into a new file, and the version before into one beside it."""
    path.write_bytes(encode_canonical(charter, _CHARTER, "charter") + b"\n\n")
    before_of(path).write_bytes(before)


def before_of(path: Path) -> Path:
    """Where the version before a draft lies."""
    return path.with_name(path.name + BEFORE)


def read_draft(path: Path) -> tuple[bytes, Charter]:
    """A draft, or a whole charter: as it lies there, and what it says."""
    note = path.read_bytes()
    try:
        return note, decode_charter(note)
    except ProtocolError as error:
        raise UnusableFile(
            f"{path} is no draft of a charter ({error}). Nothing was changed; name the file that "
            "'hearth charter propose' has written."
        ) from error


def read_before(path: Path, previous: str | None) -> tuple[bytes, Charter]:
    """The version that a draft follows, from a file with one charter or a whole chain."""
    try:
        notes = split_chain(path.read_bytes())
        note = next(one for one in notes if charter_digest(one) == previous)
        return note, decode_charter(note)
    except (FileNotFoundError, StopIteration, ProtocolError) as error:
        raise UnusableFile(
            f"{path} does not hold the version that the draft follows, so nobody can see what it "
            "would change. Nothing was signed; bring that file along, or name it with --before."
        ) from error


def write_key(path: Path, signer: NoteSigner) -> None:
    """Write a charter key into a file for its owner alone."""
    key = {"name": signer.name, "seed": b64url(signer.key.seed)}
    write_private(path, msgspec.json.encode(key))


def read_key(path: Path) -> NoteSigner:
    """The charter key in a file; the error quotes nothing of it."""
    try:
        held = msgspec.json.decode(path.read_bytes(), type=_KeyFile)
        signer = NoteSigner(
            held.name, PrivateKey(Purpose.CHARTER, from_b64url(held.seed, "charter key"))
        )
        _ = signer.verifier
    except (msgspec.DecodeError, UnicodeDecodeError, ProtocolError):
        raise UnusableFile(
            f"{path} holds no charter key. Nothing was signed; name the file that 'hearth charter "
            "found' or 'hearth charter key' has written."
        ) from None
    return signer


def read_description(path: Path) -> Member:
    """A node as it describes itself."""
    try:
        return decode_json(path.read_bytes(), _MEMBER, "description")
    except ProtocolError as error:
        raise UnusableFile(
            f"{path} does not describe a node ({error}). Nothing was changed; name the member.json "
            "that 'hearth init' has written, or the file of 'hearth keys rotate'."
        ) from error
