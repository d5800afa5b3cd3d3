"""Why a statement of purpose is not begun, kept or handed in. Each message is fit to be shown."""

from directory.errors import DirectoryError


class StatementError(DirectoryError):
    """Base of this package's errors."""


class NoSuchHome(StatementError):
    """The directory knows no such home in the area of this authority."""


class ChangedMeanwhile(StatementError):
    """Somebody else has saved the same section since it was shown."""


class NotReady(StatementError):
    """The statement cannot be handed in as it is."""
