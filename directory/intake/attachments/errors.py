"""Why a file cannot be attached: each says what to do. None names the file: names tell of a child.

Each begins as a sentence about the file goes on: "<name> is …".
"""

from directory.errors import DirectoryError


class AttachmentError(DirectoryError):
    """Base of this package's errors. `number` is the place of the file among those chosen, from 0;
    None where it is about all of them.
    """

    number: int | None = None


class UnknownKind(AttachmentError):
    """The content is of no kind that is taken."""


class BringsInstructions(AttachmentError):
    """The file holds macros, scripts or other files, or fetches something when it is opened."""


class NotLookedInto(AttachmentError):
    """The file is damaged, or protected with a password, so that nobody can see what is in it."""


class TooMuch(AttachmentError):
    """There are too many files, or they are too large."""


class UnusableName(AttachmentError):
    """The file has no name that can be kept."""
