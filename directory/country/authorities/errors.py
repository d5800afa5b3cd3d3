"""Why an authority cannot be named."""

from directory.errors import DirectoryError


class UnknownAuthority(DirectoryError, LookupError):
    """No authority of the United Kingdom has this code today. The message is fit to be shown."""
