"""Why something about a census was not done. Each message is fit to be shown."""

from directory.errors import DirectoryError


class CensusError(DirectoryError):
    """Base of this package's errors."""


class NoSuchCensus(CensusError):
    """There is no such census here, or no such home in it, or no such asking."""


class CensusOpen(CensusError):
    """One is open already."""


class CensusOver(CensusError):
    """It is closed, or its link has come to its end, and nothing is answered any more."""


class NotUnderstood(CensusError):
    """The numbers cannot be read, by the row in which they stand."""
