"""Why something is not taken in from a provider's staff. Each message is fit to be shown."""

from directory.errors import DirectoryError


class HandInError(DirectoryError):
    """Base of this package's errors."""


class NotTaken(HandInError):
    """The authority where the home stands does not take it, by a rule."""


class WasWithdrawn(HandInError):
    """Those who handed it in have taken it back, and were heard before."""


class NotReachable(HandInError):
    """No member of the charter speaks for the authority where the home stands."""


class NothingToWithdraw(HandInError):
    """It was answered or withdrawn meanwhile, or never was handed in."""
