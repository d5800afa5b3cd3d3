"""What goes wrong at the duty desk: each says what to do."""

from directory.errors import DirectoryError


class InboxError(DirectoryError):
    """Base of this package's errors. Never quotes anything about a child."""


class NotOfTheDesk(InboxError):
    """A notice can be given to those who work there, and to nobody else."""
