"""Why a partner is not kept or not told. Each message is fit to be shown."""

from directory.errors import DirectoryError


class PartnerError(DirectoryError):
    """Base of this package's errors. Never quotes anything about a child."""


class NoSuchPartner(PartnerError):
    """The authority has no such partner, or has told none such."""


class Unreachable(PartnerError):
    """There is no way by which the partner could be told."""


class PageOver(PartnerError):
    """A partner's page has come to its end, or never was one."""


class WrongCode(PartnerError):
    """The code is not the partner's, or holds no more."""


class NotToldHere(PartnerError):
    """Nothing was told to this authority under this id."""
