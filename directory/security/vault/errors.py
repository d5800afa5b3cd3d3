"""Why a sealed value does not open: each says what to do. None repeats anything of the value."""

from directory.errors import DirectoryError


class VaultError(DirectoryError):
    """Base of this package's errors."""


class EpochKeyMissing(VaultError):
    """The file of an epoch key is not there."""


class UnsafeEpochKey(VaultError):
    """The file of an epoch key is readable by others, or damaged."""


class ForeignEpochKey(VaultError):
    """The file of an epoch key is not the one with which this database was sealed."""


class EpochInUse(VaultError):
    """An epoch key cannot be removed: data keys need it."""


class DamagedValue(VaultError):
    """A sealed value, or its data key, is not what was written there."""


class Erased(VaultError):
    """The record was destroyed: its data key is gone, and nothing opens it any more."""
