"""Why a nation's table of rules does not count."""

from directory.errors import DirectoryError


class RulesError(DirectoryError):
    """Base of this package's errors."""


class BrokenTable(RulesError):
    """The table cannot be read, or refers to what is not in it."""
