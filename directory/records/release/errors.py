"""Why a record is not handed in, released or returned."""

from directory.errors import DirectoryError


class ReleaseError(DirectoryError):
    """Base of this package's errors."""


class NotHandedIn(ReleaseError):
    """The record cannot be published by this node, or is withheld."""


class NoSuchRelease(ReleaseError):
    """Nothing of that id waits for release, or it is another authority's."""


class SamePerson(ReleaseError):
    """Whoever handed a record in cannot release it."""


class OthersWait(ReleaseError):
    """What a provider's staff hand in would take the place of what the authority wrote itself."""
