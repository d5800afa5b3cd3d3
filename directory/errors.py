"""What the command line and the pages know how to explain."""


class DirectoryError(Exception):
    """Base of this package's errors: says what happened, why, and what to do."""
