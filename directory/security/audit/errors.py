"""What goes wrong with the audit."""

from directory.errors import DirectoryError


class AuditError(DirectoryError):
    """Base of this package's errors."""


class NotWritable(AuditError):
    """The audit cannot be written, so what was asked for is not done either."""
