"""The charters that a node keeps to, in one file: the founding one and each successor after it.

Every process of a node reads the same file, and reads it again when it was replaced; so what one
adopts, all keep to from then on. The file is replaced whole, and only by a longer chain.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from federation.errors import NotInitialised
from federation.keystore import write_private
from protocols.charter import Charter, charter_digest, verify_founding_charter
from protocols.errors import Malformed
from protocols.members import Member
from protocols.succession import open_successor

_BEGINS = re.compile(rb"^(?=\{)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of the charter: the note as it came, what it says, and its digest."""

    note: bytes
    charter: Charter
    digest: str


class Charters:
    """The chain in a file. Every reading verifies all of it, from the founding charter."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read: tuple[object, tuple[Kept, ...]] = (None, ())

    @property
    def chain(self) -> tuple[Kept, ...]:
        """Every version, the founding charter first.

        Raises NotInitialised where there is none, or what `open_chain` does.
        """
        try:
            found = self._file.stat()
        except FileNotFoundError as error:
            raise NotInitialised(
                f"{self._file.parent} has no charter yet: run 'hearth charter adopt'"
            ) from error
        state, (known, held) = (found.st_ino, found.st_mtime_ns, found.st_size), self._read
        if state != known:
            held = read_chain(self._file.read_bytes())
            self._read = (state, held)
        return held

    @property
    def latest(self) -> Kept:
        """The version that counts now."""
        return self.chain[-1]

    def as_author(self, member: Member) -> Member:
        """A member with every authority that it serves by any version.

        What it says of their homes counts whenever it is read: nobody who reads its log later comes
        to another end than who has read it then.
        """
        served = {one.gss: one for one in member.authorities}
        for kept in self.chain:
            before = kept.charter.member(member.node)
            for one in before.authorities if before else ():
                served.setdefault(one.gss, one)
        return msgspec.structs.replace(member, authorities=tuple(served.values()))

    def erased(self, node: str) -> frozenset[tuple[int, str]]:
        """The payloads of a member's log that any version says to destroy: index and digest."""
        return frozenset(
            (one.index, one.digest)
            for kept in self.chain
            for one in kept.charter.payloads_erased
            if one.node == node
        )

    def add(self, note: bytes) -> None:
        """Keep to one more version, which the caller has verified; nobody else adds meanwhile."""
        self.write([*(kept.note for kept in self.chain), note])

    def write(self, notes: Sequence[bytes]) -> None:
        """Keep to a chain that the caller has verified."""
        write_private(self._file, b"".join(notes))


def split_chain(data: bytes) -> list[bytes]:
    """The notes in a file, one after the other; nothing is verified."""
    return [note for note in _BEGINS.split(data) if note]


def read_chain(data: bytes) -> tuple[Kept, ...]:
    """Verify a chain as it lies in a file, from nothing; whatever the time.

    Raises what `protocols.succession.open_chain` does.
    """
    notes = split_chain(data)
    if not notes:
        raise Malformed("charter: the file is empty")
    held = [Kept(notes[0], verify_founding_charter(notes[0]), charter_digest(notes[0]))]
    for note in notes[1:]:
        held.append(follow_on(held[-1], note))
    return tuple(held)


def follow_on(before: Kept, note: bytes) -> Kept:
    """Verify one version more; raises what `open_successor` does."""
    successor = open_successor(note, before.charter, before.digest)
    return Kept(note, successor.charter, charter_digest(note))
