"""Why a profile cannot be written."""

from directory.errors import DirectoryError


class NoSuchHome(DirectoryError):
    """This node does not publish the home."""
