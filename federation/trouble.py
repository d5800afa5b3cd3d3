"""What is wrong with the place where a node keeps its data, in words that an operator can act on.

Recognised by the codes of SQLite (https://www.sqlite.org/rescode.html) and PostgreSQL (appendix A
of its manual), never by the drivers' words, which could repeat a value of the statement.
"""

import errno
from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy.exc import DBAPIError

_BUSY = (
    "Something else has kept the database locked for too long. Nothing was changed. Try again; if "
    "it stays so, look for another process that has it open: a backup, or a stuck command."
)
_FULL = (
    "The disk that holds the node's data is full. Nothing was changed. Make room on it; the node "
    "goes on by itself."
)
_READ_ONLY = (
    "The node's data cannot be written: its disk is read-only, or its files belong to another "
    "user. Nothing was changed. Mount the disk writable, or give the files back to the node's "
    "user; the node goes on by itself."
)
_FAULTY = (
    "The disk that holds the node's data is full, or does not read and write as it should. Nothing "
    "was changed. See whether there is room on it; if there is, look for its faults in the "
    "system's log."
)
_DAMAGED = (
    "A database file is damaged. Restore node.db from its backup; replica.db may be moved away, "
    "and 'hearth sync' rebuilds it."
)
_GONE = (
    "The database does not answer, or lets nobody in. Nothing was changed. See that its server "
    "runs and that its address and password are right; the node goes on by itself."
)
_OLDER = (
    "The database lacks something that this software needs. Start the node once with 'hearth run', "
    "which brings it up to date; or a newer version has made it: install that version."
)
_OTHER = "The database refused what was asked of it. Nothing was changed."

_SQLITE: Mapping[str, str] = MappingProxyType(
    {
        "SQLITE_BUSY": _BUSY,
        "SQLITE_LOCKED": _BUSY,
        "SQLITE_FULL": _FULL,
        "SQLITE_READONLY": _READ_ONLY,
        "SQLITE_PERM": _READ_ONLY,
        "SQLITE_IOERR": _FAULTY,
        "SQLITE_CORRUPT": _DAMAGED,
        "SQLITE_NOTADB": _DAMAGED,
        "SQLITE_CANTOPEN": _READ_ONLY,
        "SQLITE_ERROR": _OLDER,
    }
)
_POSTGRESQL: Mapping[str, str] = MappingProxyType(
    {
        "55P03": _BUSY,  # lock not available
        "57014": _BUSY,  # ended for having taken too long
        "40001": _BUSY,  # could not be put in a row with others
        "40P01": _BUSY,  # deadlock
        "53100": _FULL,
        "25006": _READ_ONLY,
        "42501": _READ_ONLY,  # the role may not
        "58030": _FAULTY,
        "XX001": _DAMAGED,
        "XX002": _DAMAGED,
        "42P01": _OLDER,  # no such table
        "42703": _OLDER,  # no such column
    }
)
_FILES: Mapping[int, str] = MappingProxyType(
    {
        errno.ENOSPC: _FULL,
        errno.EDQUOT: _FULL,
        errno.EROFS: _READ_ONLY,
    }
)


def explain_storage(error: DBAPIError | OSError) -> str:
    """What happened to a node's database or file, why, and what to do."""
    if isinstance(error, OSError):
        why = _FILES.get(error.errno or 0, error.strerror or "it cannot be used")
        return f"{error.filename}: {why}" if error.filename else why
    if name := getattr(error.orig, "sqlite_errorname", None):
        return next((said for code, said in _SQLITE.items() if str(name).startswith(code)), _OTHER)
    state = getattr(error.orig, "sqlstate", None)
    # Without a code, nobody answered; classes 08, 28, 53 and 57 say so with one.
    if state is None or state[:2] in ("08", "28", "53", "57"):
        return _POSTGRESQL.get(state or "", _GONE)
    return _POSTGRESQL.get(state, _OTHER)
