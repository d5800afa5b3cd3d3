"""Why a match cannot be made."""

from directory.errors import DirectoryError


class NoSuchCriterion(DirectoryError):
    """A criterion that cannot be judged. The message says what to change, and repeats nothing."""
