"""Why something about a provider's homes was not done. Each message is fit to be shown."""

from directory.errors import DirectoryError


class ProvidersError(DirectoryError):
    """Base of this package's errors."""


class UnknownHome(ProvidersError):
    """Nobody publishes a home of this URN, or it stands elsewhere, or several say where."""


class NotReachable(ProvidersError):
    """No member of the charter speaks for the authority where the home stands."""


class AlreadyAsked(ProvidersError):
    """The provider has this home already, or waits for an answer about it."""


class NoSuchClaim(ProvidersError):
    """There is no such claim here, or it is another authority's, or it was decided meanwhile."""


class AlreadyRun(ProvidersError):
    """Another provider runs this home, as the authority has confirmed."""


class OtherOwner(ProvidersError):
    """The register names another provider, and nobody said that this was looked into."""


class TooManyHomes(ProvidersError):
    """More homes than a provider can have here."""
