"""Why a shortlist cannot be changed so."""

from directory.errors import DirectoryError


class ShortlistError(DirectoryError):
    """Something about a shortlist that a person can put right."""


class NoSuchShortlist(ShortlistError):
    """There is none of that id here, or not for this authority."""


class NotWeighed(ShortlistError):
    """A home that cannot be added, or is not on the shortlist."""


class Decided(ShortlistError):
    """The decision has been taken: what it was taken on stays as it was."""
