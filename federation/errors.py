"""What goes wrong at a node: one class per reason, each with what to do about it."""

from collections.abc import Sequence
from datetime import datetime


class FederationError(Exception):
    """Base of this package's errors. The message is fit to show to an operator."""


class NotInitialised(FederationError):
    """The data directory holds no node, or no charter yet."""


class AlreadyInitialised(FederationError):
    """The data directory holds a node already."""


class UnusableDatabase(FederationError):
    """The address of the database cannot be used, or the database is another node's."""


class UnsafeKeys(FederationError):
    """Key files are readable by others, damaged, or do not fit what the charter names."""


class ForkRefused(FederationError):
    """Signing would fork the log: the database is older than what was signed already."""


class NothingToRecover(FederationError):
    """No member that answers holds a copy of our log."""


class RecoveryIncomplete(FederationError):
    """Not all that was signed for could be read back. What came is kept."""


class Overtaken(FederationError):
    """Another process applied these entries first. Nothing is lost; the next pass goes on."""


class QuotaExceeded(FederationError):
    """A log is longer than the charter allows."""


class PayloadsWanting(FederationError):
    """A log is verified to its end, but its author does not give the payloads that it names."""


class PeerUnreachable(FederationError):
    """A peer does not answer, or not in time."""


class PeerRefused(FederationError):
    """A peer answers with a status that is not what was asked for; `date`, if it says its time.

    `answer` is the body, of at most 64 KiB.
    """

    def __init__(
        self, message: str, status: int, date: datetime | None = None, answer: bytes = b""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.date = date
        self.answer = answer


class PeerMisbehaved(FederationError):
    """A peer answers with too much, or with what no peer answers."""


class AnswerTooLong(PeerMisbehaved):
    """A peer sends more than the answer may have, unpacked if it is gzip."""


class NothingToProve(FederationError):
    """No verified checkpoint covers the entry that is to be proved."""


class ChunksMissing(FederationError):
    """A message names chunks of attachments that are not here, or not here any more."""

    def __init__(self, digests: Sequence[str]) -> None:
        super().__init__(
            f"{len(digests)} chunks of the message's attachments are not at its recipient's node; "
            "they are sent, and the message after them"
        )
        self.digests = digests


class TooManyChunks(FederationError):
    """A member has delivered as many chunks as it may, for now."""


class AttachmentGone(FederationError):
    """An attachment was destroyed with the message that it belonged to."""


class NotDead(FederationError):
    """A message is still under way, or has arrived: there is nothing to send again."""


class NoSuchMember(FederationError):
    """The charter names no node, or no authority, of that name."""


class NoSuchPayload(FederationError):
    """A charter is to erase what no entry of a log published, or what is gone already."""


class RivalCharter(FederationError):
    """A second successor of one version: as valid as the one that is kept to, and refused."""


class CharterWaits(FederationError):
    """A successor changes who signs the next by a larger majority, and its time has not come."""


class NoSuchLog(FederationError):
    """A witness is asked about a log that the charter does not name."""


class NotWitnessing(FederationError):
    """This node is asked as a witness, and the charter does not name it as one."""


class WitnessesWanting(FederationError):
    """Too few witnesses answer, so nothing is signed; what is staged waits."""


class MembersWanting(WitnessesWanting):
    """The same where the charter names no witnesses, and the other members stand in for them."""


class WitnessMisbehaved(FederationError):
    """A witness answers with what no honest witness answers."""


class ForkFound(FederationError):
    """A log was forked, and the charter has not said yet which history counts."""
