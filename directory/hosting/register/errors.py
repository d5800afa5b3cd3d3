"""What goes wrong with the register: each says what to do."""

from directory.errors import DirectoryError


class RegisterError(DirectoryError):
    """Base of this package's errors. Never quotes anything about a child."""


class NothingToFind(RegisterError):
    """What was typed would find everybody."""
