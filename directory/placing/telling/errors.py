"""Why somebody is not noted as told. No error says anything of a child."""

from directory.errors import DirectoryError


class TellingError(DirectoryError):
    """Base of this package's errors. Each is fit to be shown beside a form."""


class NoSuchTelling(TellingError):
    """There is nobody to tell under this id, or not of this placement."""


class CannotWithhold(TellingError):
    """The regulation lets nobody withhold notice from this recipient, or it is decided already."""


class OwnRequest(TellingError):
    """Who asked that somebody is not told does not approve it."""


class Unreachable(TellingError):
    """There is no email address, or nobody to call, so no link can be sent."""


class LetterOver(TellingError):
    """The link has come to its end, or never was one."""


class WrongCode(TellingError):
    """The code does not open the letter."""


class NoSuchRecipient(TellingError):
    """There is nobody of this kind and number."""
