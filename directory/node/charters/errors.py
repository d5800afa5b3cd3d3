"""Why a charter cannot be drafted or signed."""

from directory.errors import DirectoryError


class UnusableFile(DirectoryError):
    """A file that was handed to `hearth charter` is not what it should be."""


class NoSuchThing(DirectoryError):
    """A draft is to change a member, key, group or signer that the charter does not name."""


class NotASigner(DirectoryError):
    """A key that signs no successor of this charter, or has signed it already."""
