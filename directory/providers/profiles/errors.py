"""Why a profile cannot be written."""

from directory.errors import DirectoryError


class NoSuchHome(DirectoryError):
    """This node does not publish the home."""


class ChangedMeanwhile(DirectoryError):
    """A colleague has saved or handed in since the form was shown."""
