"""Why something about who lives in a home was not done. Each message is fit to be shown, and names
nobody.
"""

from directory.errors import DirectoryError


class ResidentsError(DirectoryError):
    """Base of this package's errors."""


class NoSuchStay(ResidentsError):
    """There is no such stay on the list of this home."""


class TakenBack(ResidentsError):
    """The home has taken the stay back."""


class NoSuchHomeNotice(ResidentsError):
    """No home has told this authority of such a stay, or it was settled meanwhile."""


class NoSuchAsking(ResidentsError):
    """Nobody has asked so, or it was answered."""


class NotTaken(ResidentsError):
    """The authority of the area does not take the notice, by a rule."""


class NotReachable(ResidentsError):
    """No member of the charter speaks for the authority where the home stands."""
