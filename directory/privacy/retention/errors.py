"""Why something is not destroyed, held or let go: each says what to do."""

from directory.errors import DirectoryError


class RetentionError(DirectoryError):
    """Base of this package's errors. Names no child."""


class UnderHold(RetentionError):
    """A legal hold keeps the record from being destroyed."""


class NoSuchHold(RetentionError):
    """There is no such hold of this authority, or it was lifted before."""


class NotARecord(RetentionError):
    """What is to be held is not the name of a record."""


class ClockInDoubt(RetentionError):
    """The node's clock says a time at which its charter has ended."""


class BrokenSchedule(RetentionError):
    """The table of periods is not as it has to be: of the software, not of an authority."""
