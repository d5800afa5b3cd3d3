"""Why homes cannot be searched for or shown. Each message is fit to be shown."""

from directory.errors import DirectoryError


class HomesError(DirectoryError):
    """Base of this package's errors."""


class WordsTooLong(HomesError):
    """More was typed into the search than is ever meant."""


class NoSuchPlace(HomesError):
    """What was typed is no place from which homes are found."""


class RecordMissing(HomesError):
    """The search tables name a record that this node does not hold: they have to be rebuilt."""
