"""Why something that was handed in is not accepted or returned. Each message is fit to be shown."""

from directory.errors import DirectoryError


class NothingWaits(DirectoryError):
    """It was accepted, returned, withdrawn or handed in anew meanwhile."""
