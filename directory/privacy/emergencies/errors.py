"""Why nothing is opened in an emergency, or no review is closed. Fit to be shown."""

from directory.errors import DirectoryError


class EmergencyError(DirectoryError):
    """Base of this package's errors. Never quotes anything about a child."""


class NotToReview(EmergencyError):
    """There is no such look to review, or it is one's own, or it has been reviewed."""
