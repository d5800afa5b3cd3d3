"""Succession: what makes a charter the next version of one that is held, and a chain of them.

The trust logic alone: notes in, a charter or an error out. Who keeps which charter, and since when
one waits, is for the caller. The rules:

1. A successor has the next version number and names the digest of the version before. More than
   half of the charter keys *of the version before* signed it.
2. What was valid stays valid: no member, origin or log key of the version before is missing or
   moved, and where a log key has ended, it stays so.
3. No key changes hands or purpose.
4. A bare majority does not change who the majority is. Other charter keys need all of those before;
   or a key in the place of each that is given up, with its own signature; or else two thirds, a
   charter in which nothing else has changed, and a wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import msgspec

from protocols.charter import (
    Charter,
    charter_digest,
    check_charter,
    decode_charter,
    signatures,
    verify_founding_charter,
)
from protocols.errors import CharterRefused
from protocols.keys import Purpose
from protocols.members import Member
from protocols.note import NoteVerifier

WAIT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Successor:
    """A valid next version. One that `waits` is not kept to before it was held for WAIT."""

    charter: Charter
    waits: bool


def open_successor(note: bytes, before: Charter, previous: str) -> Successor:
    """Verify the successor of a charter that is held, whatever the time.

    `previous` is the digest of the version before. Raises Malformed, BadSignature, UnknownKey or
    CharterRefused.
    """
    charter = decode_charter(note)
    _check_follows(charter, before, previous)
    signed, named = signatures(note, before.charter_keys), before.charter_keys
    if 2 * len(signed) <= len(named):
        raise CharterRefused(
            f"charter: {len(signed)} of the {len(named)} keys of version {before.version} signed; "
            "needs a majority"
        )
    _check_text(charter, before)
    return Successor(charter, _waits(before, charter, signed))


def check_draft(charter: Charter, before: Charter, previous: str) -> None:
    """Raise CharterRefused for what nobody could accept as the next version, whoever signs it."""
    _check_follows(charter, before, previous)
    _check_text(charter, before)


def open_chain(notes: Sequence[bytes]) -> Charter:
    """Verify a founding charter and its successors, in order, from nothing; gives the last.

    Raises what `verify_founding_charter` and `open_successor` do. Whoever opens a chain afresh
    waits for nothing: of its last version, the caller has to see whether it is in force.
    """
    charter = verify_founding_charter(notes[0])
    for before, note in pairwise(notes):
        charter = open_successor(note, charter, charter_digest(before)).charter
    return charter


def _check_follows(charter: Charter, before: Charter, previous: str) -> None:
    if charter.version != before.version + 1 or charter.previous != previous:
        raise CharterRefused(
            f"charter: version {charter.version} does not follow the version {before.version} "
            "that is held"
        )


def _check_text(charter: Charter, before: Charter) -> None:
    check_charter(charter)
    _check_members(before, charter)
    _check_hands(before, charter)


def _check_members(before: Charter, after: Charter) -> None:
    """Nobody vanishes, and no name or log passes to somebody else."""
    for old in before.members:
        new = after.member(old.node)
        if new is None:
            raise CharterRefused(
                f"charter: {old.node} is missing; who leaves stays named, as suspended, so that "
                "its log can always be verified"
            )
        if new.origin != old.origin:
            raise CharterRefused(f"charter: {old.node} has another log than before")
        _check_log_keys(old, new)
    for member in after.members:
        if before.member(member.node) is None and member.pins:
            raise CharterRefused(f"charter: {member.node} is new, with log keys that have ended")


def _check_log_keys(old: Member, new: Member) -> None:
    named = {key.public: key for key in new.log_keys}
    for key in old.log_keys:
        after = named.pop(key.public, None)
        if after is None or after.since != key.since:
            raise CharterRefused(
                f"charter: a log key of {old.node} is missing or begins elsewhere; one that is "
                "given up keeps its place, with its end"
            )
        if key.until is not None and after != key:
            raise CharterRefused(f"charter: an ended log key of {old.node} ends elsewhere now")
    if any(key.until is not None for key in named.values()):
        raise CharterRefused(f"charter: a new log key of {old.node} has ended before it began")


def _check_hands(before: Charter, after: Charter) -> None:
    held = _holders(before)
    for public, holder in _holders(after).items():
        if held.get(public, holder) != holder:
            raise CharterRefused(
                f"charter: a {holder[1]} key of {holder[0]} was another's, or for something else"
            )


def _holders(charter: Charter) -> dict[bytes, tuple[str, Purpose]]:
    """Whose each key is, and what for. A charter key is a person's, who may call it otherwise."""
    members = [one for member in charter.members for one in member.every_key]
    return {key.key.raw: (who, key.purpose) for who, key in members} | dict.fromkeys(
        _charter_keys(charter), ("a person", Purpose.CHARTER)
    )


def _waits(before: Charter, after: Charter, signed: frozenset[bytes]) -> bool:
    """Whether a change of charter keys has to wait; raises CharterRefused where it may not be."""
    old, new = _charter_keys(before), _charter_keys(after)
    given_up, taken = old - new, new - old
    if old == new or signed == old or (given_up <= signed and len(taken) <= len(given_up)):
        return False
    if 3 * len(signed) < 2 * len(old):
        raise CharterRefused(
            f"charter: {len(signed)} of {len(old)} keys signed other charter keys; needs two thirds"
        )
    same = msgspec.structs.replace(
        after,
        version=before.version,
        previous=before.previous,
        expires=before.expires,
        charter_keys=before.charter_keys,
    )
    # What the version before has erased is no part of it.
    if same != msgspec.structs.replace(before, erased=msgspec.UNSET):
        raise CharterRefused(
            "charter: changes charter keys by two thirds, and something else; that needs a version "
            "of its own"
        )
    return True


def _charter_keys(charter: Charter) -> frozenset[bytes]:
    return frozenset(
        NoteVerifier.from_vkey(vkey, Purpose.CHARTER).key.raw for vkey in charter.charter_keys
    )
