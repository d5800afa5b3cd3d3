"""Why two notices are not settled."""

from directory.errors import DirectoryError


class NoSuchPair(DirectoryError):
    """There is no such pair, or somebody has settled it meanwhile."""
