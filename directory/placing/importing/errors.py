"""Why an import does not do what was asked. No error quotes a cell."""

from directory.errors import DirectoryError


class ImportingError(DirectoryError):
    """Base of this package's errors."""


class UnreadableSheet(ImportingError):
    """The file is neither CSV nor a workbook, or too large."""


class NoSuchDraft(ImportingError):
    """What was to be imported is not here: it was imported, thrown away, or an hour is over."""


class OtherPeriod(ImportingError):
    """The return tells of days after the one as of which it is said to be."""
