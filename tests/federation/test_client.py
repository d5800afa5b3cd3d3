"""What a peer can send to whoever asks it: nothing takes long, much room, or an unknown error."""

import gzip
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache

import pytest

from federation import client
from federation.client import PeerClient
from federation.errors import FederationError, PeerMisbehaved, PeerRefused, PeerUnreachable
from tests.deploy.private_ca import PrivateAuthority, make_authority
from tests.federation.servers import endless, free_ports, saying, silence, talking

OK = b"HTTP/1.1 200 OK\r\n"
GZIP = OK + b"Content-Encoding: gzip\r\n"
LIMIT = 1000
Talk = Callable[[socket.socket], None]
Ask = Callable[[Talk], bytes]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CONNECT_TIMEOUT_S", 0.4)
    monkeypatch.setattr(client, "READ_TIMEOUT_S", 0.3)
    monkeypatch.setattr(client, "TOTAL_TIMEOUT_S", 0.5)


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Ask a server that says these things; within what patience allows, and with little memory."""

    def asking(talk: Talk) -> bytes:
        with talking(talk) as url:
            asking_client = PeerClient(url)
            began = time.monotonic()
            tracemalloc.start()
            try:
                return asking_client.get("thing", limit=LIMIT)
            finally:
                _, most = tracemalloc.get_traced_memory()
                tracemalloc.stop()
                asking_client.close()
                assert time.monotonic() - began < 5
                assert most < 30_000_000

    return asking


def answer(body: bytes, head: bytes = OK) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes) -> bytes:
    return b"%x\r\n" % len(body) + body + b"\r\n"


def test_a_body_is_given_as_it_came(ask: Ask) -> None:
    assert ask(saying(answer(b"x" * LIMIT))) == b"x" * LIMIT


def test_a_gzip_body_is_unpacked(ask: Ask) -> None:
    assert ask(saying(answer(gzip.compress(b"x" * LIMIT), GZIP))) == b"x" * LIMIT


def test_traffic_counts_what_came_over_the_wire() -> None:
    packed = gzip.compress(b"x" * LIMIT)
    with talking(saying(answer(packed, GZIP))) as url:
        asking = PeerClient(url)
        asking.get("thing", limit=LIMIT)
        asking.close()
    assert asking.traffic.bytes_received == len(packed)
    assert asking.traffic.requests == 1


@pytest.mark.parametrize(
    "head",
    [OK + b"Content-Length: 1000000000\r\n\r\n", OK + b"\r\n"],
    ids=["announced", "not announced"],
)
def test_endless_data_is_left_at_the_limit(ask: Ask, head: bytes) -> None:
    with pytest.raises(PeerMisbehaved, match=f"more than {LIMIT} bytes"):
        ask(endless(head, b"x" * 4096))


def test_endless_chunks_are_left_at_the_limit(ask: Ask) -> None:
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    with pytest.raises(PeerMisbehaved, match=f"more than {LIMIT} bytes"):
        ask(endless(head, chunked(b"x" * 100)))


@pytest.mark.parametrize(
    ("head", "again"),
    [
        (OK + b"X: ", b"x" * 4096),
        (OK, b"X: y\r\n"),
        (b"HTTP", b"x" * 4096),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 4096),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", b"X: y\r\n"),
    ],
    ids=["header", "headers", "status", "continuing", "chunk size", "trailers"],
)
def test_what_is_endless_before_and_after_a_body_is_left_too(
    ask: Ask, head: bytes, again: bytes
) -> None:
    with pytest.raises(PeerUnreachable):
        ask(endless(head, again))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        OK,
        OK + b"Content-Length: 500\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n1f4\r\n",
    ],
    ids=["status", "headers", "body", "chunk"],
)
def test_a_peer_that_drips_is_left_when_its_time_is_up(ask: Ask, head: bytes) -> None:
    with pytest.raises(PeerUnreachable):
        ask(endless(head, b"x", every=0.05))


def test_a_silent_peer_is_left(ask: Ask) -> None:
    with pytest.raises(PeerUnreachable, match="does not answer in time"):
        ask(silence)


def test_a_peer_that_falls_silent_within_a_body_is_left(ask: Ask) -> None:
    with pytest.raises(PeerUnreachable, match="does not answer in time"):
        ask(saying(OK + b"Content-Length: 500\r\n\r\nx", then_close=False))


def test_a_peer_that_is_down_is_unreachable() -> None:
    asking = PeerClient(f"http://127.0.0.1:{free_ports(1)[0]}")
    with pytest.raises(PeerUnreachable, match="cannot be reached"):
        asking.get("thing", limit=LIMIT)


def test_a_body_that_breaks_off_is_no_body(ask: Ask) -> None:
    with pytest.raises(PeerUnreachable, match="breaks off"):
        ask(saying(OK + b"Content-Length: 500\r\n\r\nhalf of it"))


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"\x00\xff\x00\xff",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        OK + b"Content-Length: 1, 2\r\n\r\nx",
        OK + b"Content-Length: many\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nmany\r\nx",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nx",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n",
        OK + b"Set-Cookie: \xff=\xfe; expires=never\r\nContent-Length: 5\r\n\r\n",
    ],
)
def test_garbage_is_a_known_error(ask: Ask, words: bytes) -> None:
    with suppress(FederationError):
        assert ask(saying(words)) in (b"", b"x")


@pytest.mark.parametrize("status", [b"301", b"302", b"303", b"307", b"308"])
def test_a_redirect_is_not_followed(ask: Ask, status: bytes) -> None:
    asked = threading.Event()

    def elsewhere(connection: socket.socket) -> None:
        asked.set()
        saying(answer(b"secret"))(connection)

    with talking(elsewhere) as other:
        head = b"HTTP/1.1 %s Over there\r\nLocation: %s\r\n" % (status, other.encode())
        with pytest.raises(PeerRefused) as refused:
            ask(saying(answer(b"", head)))
    assert refused.value.status == int(status)
    assert not asked.is_set()


def test_a_redirect_with_an_endless_body_is_left_at_the_limit(ask: Ask) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n"
    with pytest.raises(PeerMisbehaved):
        ask(endless(head, b"x" * 65536))


def test_a_redirect_with_a_gzip_bomb_does_not_go_off(ask: Ask) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Encoding: gzip\r\n"
    with pytest.raises(PeerMisbehaved):
        ask(saying(answer(bomb(60), head)))


def test_a_gzip_bomb_does_not_go_off(ask: Ask) -> None:
    with pytest.raises(PeerMisbehaved, match=f"more than {LIMIT} bytes"):
        ask(saying(answer(bomb(60), GZIP)))


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        (b"this is not gzip", "broken gzip"),
        (gzip.compress(b"x" * 500)[:-12] + bytes(12), "broken gzip"),
        (gzip.compress(b"x" * 500)[:-1], "cut short"),
        (zlib.compress(b"x" * 500), "broken gzip"),
        (gzip.compress(b"x" * 500) + b"and then some", "more than"),
        (b"", "cut short"),
    ],
    ids=["none", "wrong sum", "cut short", "zlib", "a rest", "empty"],
)
def test_broken_gzip_is_refused(ask: Ask, packed: bytes, why: str) -> None:
    with pytest.raises(PeerMisbehaved, match=why):
        ask(saying(answer(packed, GZIP)))


def test_endless_data_after_gzip_is_left(ask: Ask) -> None:
    with pytest.raises(PeerMisbehaved):
        ask(endless(GZIP + b"\r\n" + gzip.compress(b"x"), b"x" * 4096))


@pytest.mark.parametrize("encoding", [b"br", b"deflate", b"gzip, gzip", b"x" * 5000])
def test_an_encoding_that_was_not_asked_for_is_refused_and_not_repeated(
    ask: Ask, encoding: bytes
) -> None:
    with pytest.raises(PeerMisbehaved, match="not asked for") as misbehaved:
        ask(saying(answer(b"x", OK + b"Content-Encoding: %s\r\n" % encoding)))
    assert len(str(misbehaved.value)) < 200


@pytest.mark.parametrize("status", [204, 400, 401, 404, 429, 500, 503])
def test_another_status_is_refused_by_its_number(ask: Ask, status: int) -> None:
    with pytest.raises(PeerRefused) as refused:
        ask(saying(answer(b"" if status == 204 else b"no", b"HTTP/1.1 %d No\r\n" % status)))
    assert refused.value.status == status


@pytest.mark.parametrize(
    "said",
    [
        b'{"detail":' + b"[" * 30_000,
        b'["\xff"]',
        b"\xff",
        b'{"detail": 7}',
        b"[]",
        b'{"detail":"\n"}',
    ],
)
def test_a_reason_that_is_none_leaves_the_status(ask: Ask, said: bytes) -> None:
    with pytest.raises(PeerRefused) as refused:
        ask(saying(answer(said, b"HTTP/1.1 503 No\r\n")))
    assert str(refused.value).endswith("answered 503")


# --- Over TLS -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> PrivateAuthority:
    return make_authority(tmp_path_factory.mktemp("authority"))


def ask_over_tls(authority: PrivateAuthority, talk: Talk) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate, authority.key)

    def talk_over_tls(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=True) as tls:
            talk(tls)

    with talking(talk_over_tls) as url:
        asking = PeerClient(url.replace("http:", "https:"), ca_bundle=authority.bundle)
        began = time.monotonic()
        try:
            return asking.get("thing", limit=LIMIT)
        finally:
            asking.close()
            assert time.monotonic() - began < 5


def test_the_same_holds_over_tls(authority: PrivateAuthority) -> None:
    assert ask_over_tls(authority, saying(answer(b"x" * LIMIT))) == b"x" * LIMIT
    with pytest.raises(PeerMisbehaved, match="more than"):
        ask_over_tls(authority, endless(OK + b"\r\n", b"x" * 4096))


@pytest.mark.parametrize("head", [OK, OK + b"Content-Length: 500\r\n\r\n"], ids=["headers", "body"])
def test_a_peer_that_drips_over_tls_is_left_too(authority: PrivateAuthority, head: bytes) -> None:
    with pytest.raises(PeerUnreachable):
        ask_over_tls(authority, endless(head, b"x", every=0.05))


def test_a_peer_that_falls_silent_over_tls_is_left_too(authority: PrivateAuthority) -> None:
    with pytest.raises(PeerUnreachable, match="does not answer in time"):
        ask_over_tls(authority, silence)


def test_a_peer_that_never_shakes_hands_is_left_too(authority: PrivateAuthority) -> None:
    with talking(silence) as url:
        asking = PeerClient(url.replace("http:", "https:"), ca_bundle=authority.bundle)
        with pytest.raises(PeerUnreachable):
            asking.get("thing", limit=LIMIT)
        asking.close()


# --- Where it asks at all -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "base", ["http://node.example", "http://10.0.0.1", "http://127.0.0.1.node.example"]
)
def test_only_https_is_spoken_outside_this_machine(base: str) -> None:
    asking = PeerClient(base)
    with pytest.raises(PeerMisbehaved, match="only https"):
        asking.get("thing", limit=LIMIT)


def test_no_proxy_and_no_password_file_of_the_person_is_used(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:3128")
    assert ask(saying(answer(b"x"))) == b"x"


@cache
def bomb(megabytes: int) -> bytes:
    return gzip.compress(bytes(megabytes * 1_000_000), compresslevel=1)
