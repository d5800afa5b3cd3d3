"""Why nothing was measured."""

from directory.errors import DirectoryError


class BenchFailed(DirectoryError):
    """Something that is measured did not do what it should, so that its speed means nothing."""
