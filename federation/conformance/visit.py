"""Asking the node that is tried: every answer under the limits that hold for any peer's."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from federation.charter.chain import Kept
from federation.client import Answer, PeerClient, Traffic
from federation.conformance.clause import Broken
from federation.conformance.log_of import LogOf
from federation.conformance.membership import Membership
from federation.errors import AnswerTooLong, PeerMisbehaved, PeerUnreachable
from protocols.note import NoteVerifier

GZIP = {"Accept-Encoding": "gzip, identity"}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Visit:
    """One look at the node at `url`, whose checkpoints are signed by one of `verifiers`.

    `charters` is the charter of which it is a member, with those before. `membership` is what
    another member has; without one, only what anybody may ask is.
    """

    url: str
    verifiers: Collection[NoteVerifier]
    charters: tuple[Kept, ...] = ()
    membership: Membership | None = None
    ca_bundle: Path | None = None
    now: Callable[[], datetime] = _now
    token: str | None = None

    @cached_property
    def traffic(self) -> Traffic:
        """What went over the wire."""
        return Traffic()

    @cached_property
    def log(self) -> LogOf:
        """The node's log, as far as the clauses look at it."""
        return LogOf(self)

    @cached_property
    def _client(self) -> PeerClient:
        return PeerClient(self.url, self.traffic, self.ca_bundle)

    def get(self, path: str, limit: int, token: str | None = None) -> Answer:
        """What is answered to a GET of a resource; see `ask`."""
        return self.ask("GET", path, None, dict(GZIP), limit, token)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        limit: int,
        token: str | None = None,
    ) -> Answer:
        """What is answered, whatever its status; Broken when it is nothing that a node answers."""
        try:
            answer = self._client.exchange(method, path, body, headers, limit=limit, token=token)
        except AnswerTooLong as error:
            raise Broken("14/length", str(error)) from error
        except (PeerMisbehaved, PeerUnreachable) as error:
            raise Broken("13/answers", str(error)) from error
        if 300 <= answer.status < 400:
            raise Broken("13/redirect", f"{path}: answered {answer.status}, to another address")
        return answer

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()
