"""Why something about due diligence was not done. Each message is fit to be shown."""

from directory.errors import DirectoryError


class DiligenceError(DirectoryError):
    """Base of this package's errors."""


class NotOurs(DiligenceError):
    """A provider or home for which whoever enters an item does not work."""


class NoSuchItem(DiligenceError):
    """There is no such item here, or nobody has published a check of it."""


class ChangedMeanwhile(DiligenceError):
    """The item is not any more what whoever checks it was shown."""


class OutOfDate(DiligenceError):
    """An item that has expired cannot be in order."""


class TooManyItems(DiligenceError):
    """More items than a provider can have here."""
