"""A member as its peers see it: its logs, its inbox and its bell, each behind one method."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Literal, Protocol

import msgspec
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from msgspec import Meta
from msgspec.json import Decoder

from federation.chunks.incoming import take_chunk
from federation.client import Heard, PeerClient, Traffic
from federation.errors import ChunksMissing, PeerMisbehaved, PeerRefused
from federation.inbox import receive
from federation.node import Node
from federation.serving import OCTETS
from federation.sources import OWN_PREFIX, RemoteLog, mirror_prefix
from protocols.charter import Member
from protocols.encoding import decode_json
from protocols.entries import Digest
from protocols.errors import Malformed
from protocols.keys import PrivateKey
from protocols.receipts import MAX_RECEIPT
from protocols.snapshots import MAX_SNAPSHOT

ASSERTION_LIFE_S = 120
CLOCKS_MAY_DIFFER = timedelta(minutes=1)
_NOT_ACCEPTED = (400, 401)
_NO_SUCH_ROUTE = (404, 405)
MAX_ANSWER = 64 * 1024
FORM = "application/x-www-form-urlencoded"
JOSE = "application/jose"
JSON = "application/json"
MAX_CHECKPOINTS = 16 * 1024 * 1024


class Inbox(Protocol):
    """Where messages to the authorities of a member are delivered."""

    member: Member

    def deliver(self, gss: str, sealed: bytes) -> str:
        """Deliver a sealed message to an authority there; gives the receipt, not yet verified.

        Raises ChunksMissing while its attachments are not there.
        """

    def store_chunk(self, digest: str, chunk: bytes) -> None:
        """Deliver a chunk of an attachment, before its message."""


class OwnInbox:
    """Our own inbox: two authorities may share a node, and one write to the other."""

    def __init__(self, node: Node) -> None:
        self.member = node.member
        self._node = node

    def deliver(self, gss: str, sealed: bytes) -> str:
        """As from any other member."""
        return receive(self._node, gss, self._node.member, sealed)

    def store_chunk(self, digest: str, chunk: bytes) -> None:
        """The same for a chunk."""
        take_chunk(self._node, self._node.member, digest, chunk)


class NoInbox:
    """The inbox of a member that is suspended: nothing is delivered there until it expires."""

    def __init__(self, member: Member) -> None:
        self.member = member

    def deliver(self, gss: str, sealed: bytes) -> str:
        """Raises PeerMisbehaved."""
        raise PeerMisbehaved(f"{self.member.node}, which serves {gss}, is suspended{self._why}")

    def store_chunk(self, digest: str, chunk: bytes) -> None:
        """Raises PeerMisbehaved."""
        raise PeerMisbehaved(f"{self.member.node} is suspended{self._why}")

    @property
    def _why(self) -> str:
        return f": {self.member.reason}" if self.member.reason else ""


class _Missing(msgspec.Struct):
    """What an inbox answers while chunks are missing: problem details with their digests."""

    type: Literal["urn:commonhearth:problem:chunks-missing"]
    missing: list[Digest]


_missing = Decoder(_Missing)


class Token(msgspec.Struct):
    """What a token endpoint answers (RFC 6749 section 5.1)."""

    access_token: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,1000}\Z")]
    expires_in: Annotated[int, Meta(ge=0, le=86_400)]
    token_type: Literal["Bearer", "bearer"]


_token = Decoder(Token)


class Peer(RemoteLog):
    """Another member, over HTTP: its own log, and what else it is asked. May be used by several
    threads.
    """

    def __init__(self, node: Node, member: Member, traffic: Traffic | None = None) -> None:
        self.member = member
        self._node = node
        client = PeerClient(member.url, traffic or Traffic(), node.ca_bundle, node.now)
        super().__init__(client, OWN_PREFIX, self._asking_with_token)
        self._token: str | None = None
        self._until = node.now()
        self._lock = threading.Lock()

    @property
    def heard(self) -> Heard | None:
        """Its latest answer; None before the first."""
        return self._client.heard

    def take_traffic(self) -> Traffic:
        """What went over the wire since the last time."""
        traffic, self._client.traffic = self._client.traffic, Traffic()
        return traffic

    def mirror(self, author: str) -> RemoteLog:
        """Its copy of the log of the node `author`."""
        return RemoteLog(self._client, mirror_prefix(author), self._asking_with_token)

    def deliver(self, gss: str, sealed: bytes) -> str:
        """Deliver a sealed message to an authority there; gives the receipt, not yet verified."""
        try:
            answer = self._with_token(
                lambda token: self._client.post(
                    f"inbox/{gss}", sealed, JOSE, limit=MAX_ANSWER, token=token
                )
            )
        except PeerRefused as error:
            _raise_what_is_missing(error)
            raise _naming_clocks(error, self._node.now()) from error
        return answer.decode("ascii", errors="replace")

    def store_chunk(self, digest: str, chunk: bytes) -> None:
        """Deliver a chunk of an attachment, before its message."""
        path = f"chunks/{digest}"
        try:
            self._with_token(
                lambda token: self._client.put(path, chunk, OCTETS, limit=MAX_ANSWER, token=token)
            )
        except PeerRefused as error:
            if error.status not in _NO_SUCH_ROUTE:
                raise
            raise PeerRefused(
                f"{self.member.node} takes no attachments yet: its software, or the web server in "
                "front of it, is older than they are. The message goes by itself once that is "
                "brought up to date",
                error.status,
            ) from error

    def confirm(self, receipt: str) -> None:
        """Deliver a receipt of erasure for an entry of its log."""
        body = receipt.encode()
        self._with_token(
            lambda token: self._client.post("erasures", body, JOSE, limit=MAX_ANSWER, token=token)
        )

    def charter_receipt(self, version: int) -> str:
        """Its receipt, not yet verified, that it has destroyed what a version names."""
        path = f"charter/{version}/erased"
        answer = self._with_token(
            lambda token: self._client.get(path, limit=MAX_RECEIPT, token=token)
        )
        return answer.decode("ascii", errors="replace")

    def snapshot(self, unless: int | None = None) -> str | None:
        """Its snapshot, not yet verified; None where it still is the one of this number."""
        tag = f'"{unless}"' if unless else None
        try:
            answer = self._with_token(
                lambda token: self._client.get(
                    "snapshot", limit=MAX_SNAPSHOT, token=token, unless=tag
                )
            )
        except PeerRefused as error:
            if error.status == 304:
                return None
            raise
        return answer.decode("ascii", errors="replace")

    def ping(self) -> None:
        """Say that our log has grown, or our snapshot is another."""
        self._with_token(
            lambda token: self._client.post("ping", b"", FORM, limit=MAX_ANSWER, token=token)
        )

    def tell_fork(self, proof: bytes) -> None:
        """Show it the proof that a log was forked."""
        self._with_token(
            lambda token: self._client.post("forks", proof, JSON, limit=MAX_ANSWER, token=token)
        )

    def checkpoints(self) -> bytes:
        """The latest checkpoint that it holds of each log, as a list in JSON."""
        return self._client.get("checkpoints", limit=MAX_CHECKPOINTS)

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()

    def _asking_with_token(self, ask: Callable[[str], bytes]) -> bytes:
        """Ask with a token; once more with a new one when the peer has forgotten the old."""
        token = self._current_token()
        try:
            return ask(token)
        except PeerRefused as error:
            if error.status != 401:
                raise
        return ask(self._current_token(forgotten=token))

    def _current_token(self, forgotten: str | None = None) -> str:
        with self._lock:
            now = self._node.now()
            if self._token is None or self._token == forgotten or now >= self._until:
                self._token, self._until = self._fetch_token(now)
            return self._token

    def _fetch_token(self, now: datetime) -> tuple[str, datetime]:
        """A token, and until when to use it. Where the peer's clock is another, by its time."""
        try:
            token = self._ask_for_token(now)
        except PeerRefused as error:
            if error.status not in _NOT_ACCEPTED or not _apart(error, now):
                raise
            try:
                token = self._ask_for_token(error.date or now)
            except PeerRefused as again:
                raise _naming_clocks(again, now) from again
        # Half of its life: a token is never used close to its end.
        return token.access_token, now + timedelta(seconds=token.expires_in / 2)

    def _ask_for_token(self, at: datetime) -> Token:
        """OAuth 2.0 client credentials with `private_key_jwt` (RFC 7523 section 2.2)."""
        assertion = sign_assertion(
            self._node.access_key(), self._node.name, f"{self.member.url}/token", at
        )
        answer = self._client.post("token", token_form(assertion), FORM, limit=MAX_ANSWER)
        try:
            return decode_json(answer, _token, "token")
        except Malformed as error:
            raise PeerMisbehaved(f"{self.member.url}/token: the answer is no token") from error


def sign_assertion(
    key: PrivateKey,
    node: str,
    audience: str,
    now: datetime,
    changes: Mapping[str, object] = MappingProxyType({}),
) -> str:
    """Who asks for a token, signed with its access key. `changes` are of claims, and for trials."""
    issued = int(now.timestamp())
    return private_key_jwt_sign(
        key.jwk,
        node,
        audience,
        header={"alg": "Ed25519", "typ": "JWT", "kid": key.public.kid},
        alg="Ed25519",
        issued_at=issued,
        expires_at=issued + ASSERTION_LIFE_S,
        claims=dict(changes),
    )


def token_form(assertion: str) -> bytes:
    """The form that is sent to a token endpoint with an assertion (RFC 7523 section 2.2)."""
    return (
        "grant_type=client_credentials"
        f"&client_assertion_type={ASSERTION_TYPE.replace(':', '%3A')}&client_assertion={assertion}"
    ).encode()


def _raise_what_is_missing(error: PeerRefused) -> None:
    """Raise ChunksMissing where that is what a message was not taken for."""
    if error.status == 409:
        try:
            missing = decode_json(error.answer, _missing, "answer").missing
        except Malformed:
            return
        raise ChunksMissing(missing) from error


def _apart(error: PeerRefused, now: datetime) -> timedelta | None:
    """By how much the peer's clock is ahead of ours, if it is out by more than tokens allow."""
    ahead = error.date - now if error.date else timedelta()
    return ahead if abs(ahead) > CLOCKS_MAY_DIFFER else None


def _naming_clocks(error: PeerRefused, now: datetime) -> PeerRefused:
    """The same refusal, with what two different clocks have to do with it."""
    ahead = _apart(error, now)
    if ahead is None:
        return error
    minutes = round(abs(ahead) / timedelta(minutes=1))
    side = "ahead of" if ahead > timedelta() else "behind"
    return PeerRefused(
        f"{error}. Its clock is {minutes} minutes {side} ours: one of the two is wrong. This is "
        "tried again, and goes through when the clock is right",
        error.status,
        error.date,
    )
