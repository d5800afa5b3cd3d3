"""Why a spreadsheet is not taken. Never quotes what stands in a cell."""

from directory.errors import DirectoryError


class SheetError(DirectoryError):
    """Base of this package's errors."""


class UnreadableSheet(SheetError):
    """The file is neither CSV nor a workbook, or too large."""
