"""What goes wrong with a backup or a restore: in each case nothing was changed."""

from directory.errors import DirectoryError


class BackupError(DirectoryError):
    """Base of this package's errors."""


class UnusableBackup(BackupError):
    """The file is no backup, is cut off, or was changed."""


class ForeignBackup(BackupError):
    """The file is a backup of another node, or of another kind of database."""


class NewerBackup(BackupError):
    """The file was made by a newer version of this software."""


class NoTool(BackupError):
    """PostgreSQL's own programs for dumps are not here, or too old for the server."""


class NodeIsRunning(BackupError):
    """Something still uses the database that is to be replaced."""


class WouldReplace(BackupError):
    """There is a database already, and nobody said to put it aside."""
