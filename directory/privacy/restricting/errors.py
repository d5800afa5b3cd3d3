"""Why a record stays closed, or is not restricted. Each message is fit to be shown."""

from directory.errors import DirectoryError
from directory.security.rights.errors import NotAllowed


class Restricted(NotAllowed):
    """The record is restricted, and who asks is not named. `ask` are those who are."""

    def __init__(self, authority: str, record: str, ask: tuple[str, ...]) -> None:
        super().__init__(
            f"This record is restricted. Ask {', '.join(ask)}, or open it in an emergency, which "
            "is reviewed."
        )
        self.authority, self.record, self.ask = authority, record, ask


class RestrictingError(DirectoryError):
    """Base of the other errors of this package."""


class NoSuchRecord(RestrictingError):
    """There is no such record of this authority."""


class NobodyNamed(RestrictingError):
    """A restricted record needs somebody who may open it."""


class NotTheirs(RestrictingError):
    """Who asks may not name whom they named: themselves."""
