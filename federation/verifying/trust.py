"""Whom to believe about a log: its keys, the charter that names them, the witnesses' quorum."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from federation.sources import OWN_PREFIX, mirror_prefix
from protocols.charter import Charter
from protocols.checkpoint import Checkpoint, open_listed_checkpoint, parse_checkpoint
from protocols.cosignature import Cosignature
from protocols.errors import UnknownKey
from protocols.members import Member, Pin
from protocols.note import NoteVerifier, parse_note
from protocols.policy import NONE, Policy, require_quorum


@dataclass(frozen=True, slots=True)
class Believed:
    """A checkpoint that is signed by a log's key and cosigned as the policy wants it.

    `no_later_than` is when a quorum had cosigned it, in seconds since 1970; None without a policy
    that asks for any.
    """

    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...] = ()
    no_later_than: int | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys, whose names are their logs' origins; members of a charter; and a policy, if any.

    A log key that the charter has ended is believed where the witnesses' quorum vouches for the
    history that it signed, or the charter itself does, by naming the root at that size.
    """

    keys: tuple[NoteVerifier, ...] = ()
    members: tuple[Member, ...] = ()
    policy: Policy | None = None

    def at(self, url: str) -> "Trust":
        """Trust in a log found at an address: where that is a member's, or a copy of a member's
        log, no other member's log will do.
        """
        named = [
            one
            for one in self.members
            if url in (one.url, f"{one.url}/{OWN_PREFIX}")
            or url.endswith(f"/{mirror_prefix(one.node)}")
        ]
        return replace(self, members=tuple(named)) if named else self

    def open(self, note: bytes) -> Believed:
        """Verify a checkpoint. Raises UnknownKey, BadSignature, QuorumMissing or Malformed."""
        claimed = parse_checkpoint(parse_note(note).text)
        checkpoint = open_listed_checkpoint(note, self.verifiers(claimed))
        if self.policy is None:
            return Believed(checkpoint)
        found = require_quorum(note, self.policy)
        return Believed(checkpoint, found, _quorum_at(self.policy, found))

    def verifiers(self, claimed: Checkpoint) -> list[NoteVerifier]:
        """The keys that may have signed such a checkpoint."""
        return [*self.keys, *self._of_charter(claimed)]

    def pins(self, origin: str) -> list[Pin]:
        """What a log was at certain sizes, by the charter."""
        return [pin for one in self.members if one.origin == origin for pin in one.pins]

    def _of_charter(self, claimed: Checkpoint) -> Iterator[NoteVerifier]:
        for member in self.members:
            if member.origin != claimed.origin:
                continue
            now = set(member.log_verifiers)
            witnessed = self.policy is not None and self.policy.quorum != NONE
            vouched = witnessed or (claimed.size, claimed.root) in member.pins
            for verifier in member.log_verifiers_at(claimed.size):
                if vouched or verifier in now:
                    yield verifier


def trust_of(
    keys: Collection[NoteVerifier], charter: Charter | None, policy: Policy | None
) -> Trust:
    """Trust in these keys, in the logs of a charter's members and in those that a policy names.

    The witnesses are those of the policy, or else the charter's committee. Raises UnknownKey where
    nothing says whose signature to believe.
    """
    named = [one.verifier for one in policy.logs] if policy else []
    members = charter.members if charter else ()
    committee = charter.committee if charter else None
    if not (keys or named or members):
        raise UnknownKey(
            "nothing says which key signs the log. Give its verifier key, a charter, or a policy "
            "with a line for the log"
        )
    return Trust((*keys, *named), members, policy or committee)


def _quorum_at(policy: Policy, found: Collection[Cosignature]) -> int | None:
    """The earliest time at which those that had cosigned by then were a quorum."""
    for time in sorted(one.time for one in found):
        if policy.is_satisfied({one.cosigner for one in found if one.time <= time}):
            return time
    return None
