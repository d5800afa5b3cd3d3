"""Talking to a peer over HTTP: one session, caps and time-outs on everything, no redirects."""

import io
import re
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse  # noqa: TID251 - to set a limit to what requests receives
from ipaddress import ip_address
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from msgspec.json import Decoder
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError

from federation.errors import AnswerTooLong, PeerMisbehaved, PeerRefused, PeerUnreachable
from protocols.encoding import decode_json
from protocols.errors import Malformed

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 15.0
TOTAL_TIMEOUT_S = 60.0
# A bundle of the longest payloads has 17 MB; no answer has more, its headers included.
MAX_RESPONSE = 20 * 1024 * 1024
_CHUNK = 64 * 1024
_LONGEST_REASON = 300
_MOST_APART_S = 2**31 - 1
VERSION_HEADER = "Commonhearth-Version"
"""With which a node tells members what software it runs, and nobody else."""
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,40}")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Traffic:
    """What went over the wire: requests, and bytes of bodies received as they came."""

    requests: int = 0
    bytes_received: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer answered, whatever its status. Names of headers are in any case; the body is
    unpacked if it came as gzip.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer of a peer, whatever it was: when, how far its clock was ahead (at most 2^31 - 1
    seconds either way), and its version: empty where it said none to us as a member, as the first
    release does, and None where it did not know who asked.
    """

    at: datetime
    ahead_s: int | None
    version: str | None


@dataclass
class PeerClient:
    """Requests to one peer at `base`, its URL in the charter.

    `ca_bundle` is a file of the certificate authorities that may vouch for it; without one, the
    public ones that `requests` brings. `heard` is its latest answer, at the time of `now`.

    Raises PeerUnreachable, PeerRefused (another status than 200) and PeerMisbehaved (too long, too
    slow, or not what HTTP is).
    """

    base: str
    traffic: Traffic = field(default_factory=Traffic)
    ca_bundle: Path | None = None
    now: Callable[[], datetime] = _now
    heard: Heard | None = None

    def __post_init__(self) -> None:
        self._session = _Session()
        self._session.trust_env = False
        if self.ca_bundle:
            self._session.verify = str(self.ca_bundle)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter())
        self._session.headers["User-Agent"] = "commonhearth/1"

    def get(
        self, path: str, *, limit: int, token: str | None = None, unless: str | None = None
    ) -> bytes:
        """The body at `path` below the base, of at most `limit` bytes; `unless` it has this entity
        tag: then PeerRefused with the status 304 (RFC 9110 section 13.1.2).
        """
        headers = {"Accept-Encoding": "gzip, identity"}
        if unless:
            headers["If-None-Match"] = unless
        return self._accepted("GET", path, None, headers, limit, token)

    def post(
        self, path: str, body: bytes, content_type: str, *, limit: int, token: str | None = None
    ) -> bytes:
        """The answer, of at most `limit` bytes, to `body` sent to `path`."""
        headers = {"Content-Type": content_type, "Accept-Encoding": "identity"}
        return self._accepted("POST", path, body, headers, limit, token)

    def put(self, path: str, body: bytes, content_type: str, *, limit: int, token: str) -> bytes:
        """The same for `body` to be stored at `path`."""
        headers = {"Content-Type": content_type, "Accept-Encoding": "identity"}
        return self._accepted("PUT", path, body, headers, limit, token)

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()

    def _accepted(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        limit: int,
        token: str | None,
    ) -> bytes:
        """The body of an answer with status 200; raises PeerRefused for any other."""
        answer = self.exchange(method, path, body, headers, limit=limit, token=token)
        if answer.status != 200:
            raise PeerRefused(
                f"{self.base}/{path}: answered {answer.status}{_said(answer.body)}",
                answer.status,
                _date(answer.headers.get("Date", "")),
                answer.body,
            )
        return answer.body

    def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        *,
        limit: int,
        token: str | None = None,
    ) -> Answer:
        """Whatever is answered to a request: of at most `limit` bytes, or 64 KiB where the status
        is not 200. Raises PeerUnreachable and PeerMisbehaved.
        """
        if urlsplit(self.base).scheme != "https" and not is_loopback(self.base):
            raise PeerMisbehaved(f"{self.base}: only https is spoken outside this machine")
        url = f"{self.base}/{path}"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.traffic.requests += 1
        try:
            with self._session.request(
                method,
                url,
                # In blocks: a time-out is for each of them, and a slow line needs more for all.
                data=io.BytesIO(body) if body else body,
                headers=headers,
                timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                allow_redirects=False,
                stream=True,
            ) as response:
                self._hear(response, as_member=bool(token))
                received = self._read(response, limit if response.status_code == 200 else _CHUNK)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            # ValueError: http.client has no other for a chunk of a negative length.
            raise PeerUnreachable(f"{url}: {_why(error)}") from error
        return Answer(response.status_code, response.headers, received)

    def _hear(self, response: requests.Response, *, as_member: bool) -> None:
        at, date = self.now(), _date(response.headers.get("Date", ""))
        said = _VERSION.fullmatch(response.headers.get(VERSION_HEADER, ""))
        version = self.heard.version if self.heard else None
        if said:
            version = said[0]
        elif as_member and response.ok:
            version = ""
        ahead = round((date - at).total_seconds()) if date else None
        if ahead is not None and abs(ahead) > _MOST_APART_S:
            ahead = _MOST_APART_S if ahead > 0 else -_MOST_APART_S
        self.heard = Heard(at, ahead, version)

    def _read(self, response: requests.Response, limit: int) -> bytes:
        """The body, unpacked if it is gzip; never more than `limit` bytes are held."""
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding not in ("identity", "gzip"):
            raise PeerMisbehaved(f"{response.url}: sends an encoding that was not asked for")
        unpack = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
        body = bytearray()
        try:
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                self.traffic.bytes_received += len(chunk)
                body += unpack.decompress(chunk, limit + 1 - len(body)) if unpack else chunk
                if len(body) > limit or (unpack and unpack.unused_data):
                    raise AnswerTooLong(f"{response.url}: sends more than {limit} bytes")
        except zlib.error as error:
            raise PeerMisbehaved(f"{response.url}: sends broken gzip") from error
        if unpack and not unpack.eof:
            raise PeerMisbehaved(f"{response.url}: sends gzip cut short")
        return bytes(body)


class _Session(requests.Session):
    """Follows no redirect, and does not read one: requests would take in all of its body."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class _Received(io.RawIOBase):
    """What a socket gives for one response: so long and so much, whatever it is made of."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._raw = connection.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + TOTAL_TIMEOUT_S
        self._left = MAX_RESPONSE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        patience = min(READ_TIMEOUT_S, self._deadline - time.monotonic())
        if patience <= 0:
            raise TimeoutError
        self._connection.settimeout(patience)
        count: int = self._raw.readinto(buffer) or 0
        self._left -= count
        if self._left < 0:
            raise ConnectionAbortedError
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Receiving:
    """A socket, for as much of it as HTTPResponse uses."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Received(self._connection), _CHUNK)


class _Response(HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
        super().__init__(_Receiving(sock), *args, **options)  # type: ignore[arg-type]


class _Http(HTTPConnection):
    response_class = _Response


class _Https(HTTPSConnection):
    response_class = _Response


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _Adapter(HTTPAdapter):
    """Sends over connections whose responses are `_Received`."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Said(msgspec.Struct):
    """Why a peer refuses: problem details (RFC 9457), or an OAuth error (RFC 6749 section 5.2)."""

    detail: str = ""
    error_description: str = ""


_problem = Decoder(_Said)


def _said(answer: bytes) -> str:
    """A peer's own reason, cut to what fits a line and with nothing in it but plain characters."""
    try:
        said = decode_json(answer, _problem, "answer")
    except Malformed:
        return ""
    reason = "".join(one for one in said.detail or said.error_description if one.isprintable())
    return f" ({reason[:_LONGEST_REASON]})" if reason else ""


def _date(header: str) -> datetime | None:
    """The time in a `Date` header (RFC 9110 section 6.6.1); None where there is none."""
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _why(error: Exception) -> str:
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return "does not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection; its certificate is not accepted here, or its TLS is too old"
    return "cannot be reached, or breaks off"
