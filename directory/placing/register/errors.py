"""Why the register of placements does not do what was asked. No error says anything of a child."""

from directory.errors import DirectoryError


class RegisterError(DirectoryError):
    """Base of this package's errors."""


class NoSuchPlacement(RegisterError):
    """There is none of that id here, or not for this authority."""


class NoSuchChild(RegisterError):
    """There is none of that id here, or not for this authority."""


class ToldBefore(RegisterError):
    """Another notice of the placement was sent."""
