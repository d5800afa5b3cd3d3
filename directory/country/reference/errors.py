"""Why something cannot be looked up in the reference data: one class per reason."""

from directory.errors import DirectoryError


class LookUpError(DirectoryError):
    """Base of everything this package refuses. The message is fit to be shown."""


class WrongChange(LookUpError):
    """A table of changes to the neighbours has a row that cannot be understood."""


class NoPostcode(LookUpError, LookupError):
    """What was typed is not a postcode of the United Kingdom."""


class UnknownPostcode(LookUpError, LookupError):
    """It has the form of a postcode, and the postcode directory does not have it."""


class NoPlace(LookUpError, LookupError):
    """The postcode directory has the postcode, and does not say where it is."""
