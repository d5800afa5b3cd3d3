"""Why a text is not published."""

from directory.errors import DirectoryError


class NotFitToPublish(DirectoryError):
    """A text says what must not be published. The message names place and reason, and repeats
    nothing of it.
    """
