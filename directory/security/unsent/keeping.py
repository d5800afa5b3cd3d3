"""What somebody typed into a form whose session had ended, until they have signed in again.

- It lies in the memory of this process alone, since it may be about a child: nothing of it is in a
  database, a file, a log or an address. A restart of the node loses it.
- It is one person's: of the session that the form was shown to. Whoever else asks for it, with the
  right handle, destroys it.
- It lasts for half an hour, and until it is sent. A person has one at a time, of a bounded size; of
  all of them the oldest give way.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT_FOR = timedelta(minutes=30)
LARGEST = 1024 * 1024
"""Characters of one form: more than any form takes."""
MOST = 32 * LARGEST


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form: where it was sent, what was typed, and the names of files that came with it, which
    are not kept.
    """

    person: str
    address: str
    typed: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    until: datetime

    @property
    def size(self) -> int:
        """How many characters it takes."""
        return sum(len(name) + len(text) for name, text in self.typed) + sum(map(len, self.files))


@dataclass(slots=True)
class UnsentForms:
    """All of them, by handles that nobody can guess."""

    now: Callable[[], datetime]
    _held: dict[str, Unsent] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(
        self,
        person: str,
        address: str,
        typed: tuple[tuple[str, str], ...],
        files: tuple[str, ...] = (),
    ) -> str | None:
        """The handle of a form that is kept from now on; None for one that is too large."""
        one = Unsent(person, address, typed, files, self.now() + KEPT_FOR)
        if one.size > LARGEST:
            return None
        handle = secrets.token_urlsafe(32)
        with self._lock:
            self._held = {
                name: other for name, other in self._lasting().items() if other.person != person
            }
            self._held[handle] = one
            while sum(other.size for other in self._held.values()) > MOST:
                del self._held[next(iter(self._held))]
        return handle

    def of(self, handle: str, person: str) -> Unsent | None:
        """A person's own form. For anybody else there is none, and then none at all."""
        with self._lock:
            self._held = self._lasting()
            one = self._held.get(handle)
            if one and one.person != person:
                del self._held[handle]
                return None
            return one

    def drop(self, handle: str, person: str) -> None:
        """Forget a form, which is sent now."""
        if self.of(handle, person):
            with self._lock:
                self._held.pop(handle, None)

    def _lasting(self) -> dict[str, Unsent]:
        now = self.now()
        return {handle: one for handle, one in self._held.items() if now < one.until}
