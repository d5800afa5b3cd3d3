"""What goes wrong with reconciling."""

from directory.errors import DirectoryError


class ReconcilingError(DirectoryError):
    """Base of this package's errors. Never quotes a cell of a return."""


class NoValidator(ReconcilingError):
    """The sector's validator is not installed here, or could not be run on this return."""
