"""Talking to a peer over HTTP: one session, caps and time-outs on everything, no redirects."""

import time
import zlib
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

import requests

from federation.errors import PeerMisbehaved, PeerRefused, PeerUnreachable

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 15.0
TOTAL_TIMEOUT_S = 60.0
_CHUNK = 64 * 1024


@dataclass
class Traffic:
    """What went over the wire: requests, and bytes of bodies received as they came."""

    requests: int = 0
    bytes_received: int = 0


@dataclass
class PeerClient:
    """Requests to one peer at `base`, its URL in the charter.

    Raises PeerUnreachable, PeerRefused (another status than 200) and PeerMisbehaved (too long, too
    slow, or not what HTTP is).
    """

    base: str
    traffic: Traffic = field(default_factory=Traffic)

    def __post_init__(self) -> None:
        if urlsplit(self.base).scheme != "https" and not is_loopback(self.base):
            raise PeerMisbehaved(f"{self.base}: only https is spoken outside this machine")
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = "commonhearth/1"

    def get(self, path: str, *, limit: int, token: str | None = None) -> bytes:
        """The body at `path` below the base, of at most `limit` bytes."""
        return self._request("GET", path, None, {"Accept-Encoding": "gzip, identity"}, limit, token)

    def post(
        self, path: str, body: bytes, content_type: str, *, limit: int, token: str | None = None
    ) -> bytes:
        """The answer, of at most `limit` bytes, to `body` sent to `path`."""
        headers = {"Content-Type": content_type, "Accept-Encoding": "identity"}
        return self._request("POST", path, body, headers, limit, token)

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        limit: int,
        token: str | None,
    ) -> bytes:
        url = f"{self.base}/{path}"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.traffic.requests += 1
        try:
            with self._session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = self._read(response, limit if response.status_code == 200 else _CHUNK)
        except requests.RequestException as error:
            raise PeerUnreachable(f"{url}: {_why(error)}") from error
        if response.status_code != 200:
            raise PeerRefused(f"{url}: answered {response.status_code}", response.status_code)
        return answer

    def _read(self, response: requests.Response, limit: int) -> bytes:
        """The body, unpacked if it is gzip; never more than `limit` bytes are held."""
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding not in ("identity", "gzip"):
            raise PeerMisbehaved(f"{response.url}: sends {encoding!r}, which was not asked for")
        unpack = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
        deadline = time.monotonic() + TOTAL_TIMEOUT_S
        body = bytearray()
        try:
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                self.traffic.bytes_received += len(chunk)
                body += unpack.decompress(chunk, limit + 1 - len(body)) if unpack else chunk
                if len(body) > limit:
                    raise PeerMisbehaved(f"{response.url}: sends more than {limit} bytes")
                if time.monotonic() > deadline:
                    raise PeerMisbehaved(f"{response.url}: takes more than {TOTAL_TIMEOUT_S:.0f} s")
        except zlib.error as error:
            raise PeerMisbehaved(f"{response.url}: sends broken gzip") from error
        except OSError as error:
            raise PeerUnreachable(f"{response.url}: broke off") from error
        if unpack and not unpack.eof:
            raise PeerMisbehaved(f"{response.url}: sends gzip cut short")
        return bytes(body)


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _why(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "does not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "cannot be reached"
    return f"cannot be asked ({type(error).__name__})"
