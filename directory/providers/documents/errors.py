"""Why a full document is not kept, asked for, given or shown. Each message is fit to be shown."""

from directory.errors import DirectoryError


class DocumentError(DirectoryError):
    """Base of this package's errors."""


class Unfit(DocumentError):
    """The file is no document that can be kept: what it is, and what to do."""


class UnfitReason(DocumentError):
    """The reason says what names a child."""


class AlreadyAsked(DocumentError):
    """The same person has asked for it, and waits or has it."""


class NotReachable(DocumentError):
    """No active member of the charter speaks for the authority where the home stands."""


class NoSuchAsking(DocumentError):
    """There is no such asking here, or it was decided meanwhile."""


class NotHere(DocumentError):
    """There is no document to read: it was not given, or its time is over."""


class NotTheirs(DocumentError):
    """Somebody else asked for it, for a reason of their own."""


class NothingHeld(DocumentError):
    """No document of this home is kept here."""
