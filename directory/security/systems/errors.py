"""What goes wrong with an authority's systems."""

from directory.errors import DirectoryError


class SystemsError(DirectoryError):
    """Base of this package's errors."""


class NoSuchSystem(SystemsError):
    """No system of that authority has this id."""


class NotServed(SystemsError):
    """The authority is served by another node, or by none."""


class NoScopes(SystemsError):
    """A system without any scope could do nothing."""


class NotBoth(SystemsError):
    """A system is an authority's or a provider's, and has the scopes of that alone."""
