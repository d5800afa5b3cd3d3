"""Why something that another node said is not accepted: one class per reason."""


class ProtocolError(Exception):
    """Base of everything this package refuses. The message is fit to show to an operator."""


class Malformed(ProtocolError):
    """The bytes do not have the form that the specification gives."""


class UnknownSchema(ProtocolError):
    """A well-formed record of a schema (version) that this software does not know yet."""


class BadSignature(ProtocolError):
    """A signature by a known key does not verify."""


class UnknownKey(ProtocolError):
    """Nothing is signed, or sealed, with a key that the charter names for this."""


class Rollback(ProtocolError):
    """A checkpoint is smaller than one that was already verified."""


class Inconsistent(ProtocolError):
    """Two checkpoints, or a checkpoint and the entries, cannot be of one append-only log."""


class QuorumMissing(ProtocolError):
    """A checkpoint is not cosigned by as many witnesses as the policy demands."""


class SizeConflict(ProtocolError):
    """A witness holds another size of the log than the one that it is asked to go on from."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the witness holds size {size} of this log")
        self.size = size


class NoFork(ProtocolError):
    """What is shown as proof of a fork proves none."""


class NotIncluded(ProtocolError):
    """An inclusion proof does not lead to the root."""


class DigestMismatch(ProtocolError):
    """A payload is not the one whose digest and size its log entry names."""


class NotForUs(ProtocolError):
    """A message is addressed to another authority."""


class WrongSender(ProtocolError):
    """A message's signed sender is not the member that delivers it."""


class Expired(ProtocolError):
    """A message or charter is past the time that its signer set."""


class NotYet(ProtocolError):
    """A message is from the future, as one of two clocks is wrong; or it is about a notice that has
    not come. It is no refusal for good.
    """


class CharterRefused(ProtocolError):
    """A charter is signed by too few of its keys, or contradicts itself."""


class IdReused(ProtocolError):
    """A message has the id of an earlier one by the same sender, but other content."""
