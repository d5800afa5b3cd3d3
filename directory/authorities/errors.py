"""Why an authority cannot be named."""

from directory.errors import DirectoryError


class UnknownAuthority(DirectoryError, LookupError):
    """No English children's services authority has this code. The message is fit to be shown."""
