"""Servers on this machine: one that serves a node, and others that no honest node would be."""

import random
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from types import TracebackType
from typing import Any, TypeAlias
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

HERE = "127.0.0.1"
Change: TypeAlias = Callable[[Response], Response | None]


class Tampering:
    """A node's application whose answers to chosen paths are changed on the way out.

    Every path that was asked for stands in `asked`, in order. Answers are dated by `now`.
    """

    def __init__(
        self, make: Callable[[], WSGIApplication], now: Callable[[], datetime] | None = None
    ) -> None:
        self._make = cache(make)  # only when somebody asks, and by one thread
        self._making = threading.Lock()
        self._now = now
        self._changes: list[tuple[re.Pattern[str], Change]] = []
        self.asked: list[str] = []

    def on(self, path: str, change: Change) -> None:
        """Change, or replace, the answers to paths that match an expression."""
        self._changes.append((re.compile(path), change))

    def honest(self) -> None:
        """Tamper no more."""
        self._changes.clear()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        self.asked.append(request.path)
        with self._making:
            made = self._make()
        response: Any = Response.from_app(made, environ, buffered=True)
        for pattern, change in self._changes:
            if pattern.fullmatch(request.path):
                response = change(response) or response
        if self._now:
            response.headers["Date"] = format_datetime(self._now(), usegmt=True)
        return response(environ, start)  # type: ignore[no-any-return]


def body(change: Callable[[bytes], bytes]) -> Change:
    """A change of an answer's body."""

    def apply(response: Response) -> None:
        response.set_data(change(response.get_data()))

    return apply


def flipped(bit: int) -> Change:
    """One bit of the body turned over."""

    def flip(data: bytes) -> bytes:
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        return bytes(changed)

    return body(flip)


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: what a test does on purpose is no news."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Without a date of its own: the application says what time it is there."""
        self.send_response_only(code, message)


class Site(AbstractContextManager["Site"]):
    """An address that serves `app`, which can be another one from one request to the next."""

    def __init__(self) -> None:
        self.app: Any = Response("Nobody is at home yet.", 503)
        self._serve(0)

    @property
    def url(self) -> str:
        return f"http://{HERE}:{self.port}"

    def stop(self) -> None:
        """Go down: nobody listens at the address."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def start(self) -> None:
        """Come back at the same address."""
        self._serve(self.port)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _serve(self, port: int) -> None:
        self._server = make_server(HERE, port, self._answer, threaded=True, request_handler=Quiet)
        self.port: int = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return self.app(environ, start)  # type: ignore[no-any-return]


@contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that says whatever `talk` says to every connection; gives its URL."""
    open_now: list[socket.socket] = []
    server = socket.create_server((HERE, 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            open_now.append(connection)
            threading.Thread(target=_talk, args=(talk, connection), daemon=True).start()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://{HERE}:{server.getsockname()[1]}"
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()
        for connection in open_now:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


def _talk(talk: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with suppress(OSError):
        talk(connection)


def silence(connection: socket.socket) -> None:
    """Listen for ever, and never answer."""
    while connection.recv(4096):
        pass


def saying(*words: bytes, then_close: bool = True) -> Callable[[socket.socket], None]:
    """Say these bytes to whoever has asked something."""

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        for word in words:
            connection.sendall(word)
        if then_close:
            connection.shutdown(socket.SHUT_RDWR)
        else:
            silence(connection)

    return talk


def endless(head: bytes, again: bytes, every: float = 0.0) -> Callable[[socket.socket], None]:
    """Say `head`, and then `again` and again, until the other side has had enough."""

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(head)
        while True:
            connection.sendall(again)
            if every:
                threading.Event().wait(every)

    return talk


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at the moment, and that no connection is given by chance while
    whoever listens there is down.
    """
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(10_000, 32_000)
        with suppress(OSError), socket.create_server((HERE, port)):
            found.append(port)
    return found
