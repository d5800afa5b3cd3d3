"""Why a list of registered providers is not taken: one class per reason."""

from directory.errors import DirectoryError


class OfstedError(DirectoryError):
    """Base of everything this package refuses. The message is fit to show to whoever imports."""


class UnreadableList(OfstedError):
    """The file as a whole cannot be read as Ofsted's list, and nothing of it was kept."""


class OlderList(OfstedError):
    """The list is older than one already imported, and nothing of it was kept."""


class OtherDay(OfstedError):
    """Whoever imports says another day of the list than the list itself; nothing of it was kept."""


class ManyWouldClose(OfstedError):
    """More homes than is likely are missing from the list, and nothing of it was kept."""
