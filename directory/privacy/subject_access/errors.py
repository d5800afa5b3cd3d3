"""What goes wrong with an export: each says what to do, and names no child."""

from directory.errors import DirectoryError


class SubjectAccessError(DirectoryError):
    """Base of this package's errors."""


class NothingChosen(SubjectAccessError):
    """None of the records that were to be exported is one of this authority's."""


class UnreadableQuestion(SubjectAccessError):
    """What should say whom to look for does not."""
