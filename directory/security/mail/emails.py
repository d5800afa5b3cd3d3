"""An email, what becomes of it, and what sends it: the same whichever way it goes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol, TypeAlias

GIVEN_UP = timedelta(days=2)
"""After so long without anybody who takes it, an email is tried no more."""
NO_MAILER = "This node sends no email. Tell its operator"
_FIRST_RETRY, _LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Email:
    """What leaves: never a word about a child. `text` is plain; a link stands on a line alone."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Taken:
    """An email that was taken to be delivered; by `receipt` is asked or said what came of it."""

    receipt: str


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Why an email has not left, or did not arrive, in words fit to be shown, without a full stop;
    `for_good` where to send it again is no use.
    """

    why: str
    for_good: bool = False


Fate: TypeAlias = Literal["on its way", "arrived"]


class Mailer(Protocol):
    """A way in which emails leave. What goes wrong is logged without the address."""

    def hand_over(self, email: Email) -> Taken | NotTaken:
        """Hand an email over to be delivered."""

    def came_of(self, receipt: str) -> Fate | NotTaken:
        """What has become of an email that was taken, as far as it can be asked."""


def retry_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts."""
    doubled: int = 2 ** min(attempts, 10)
    return min(_FIRST_RETRY * doubled, _LONGEST_RETRY)
