"""What goes wrong when records are published."""

from directory.errors import DirectoryError


class NoSuchRecord(DirectoryError):
    """This node has published no such record."""


class Unpublishable(DirectoryError):
    """The register says something that no record can carry. The message says what to do."""
