"""What goes wrong with the unredacted list."""

from directory.errors import DirectoryError


class UnredactedError(DirectoryError):
    """Base of this package's errors. Never says where a home is."""


class NotOnTheList(UnredactedError):
    """The list does not name this registration."""
