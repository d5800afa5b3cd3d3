"""Why something was not done for who asked."""

from directory.errors import DirectoryError


class RightsError(DirectoryError):
    """Base of this package's errors. Names no record and nobody."""


class NotAllowed(RightsError):
    """No role that they hold may do this with these records."""


class ReasonWanted(RightsError):
    """The action is on a child's record or a confidential one, and no reason was given."""
