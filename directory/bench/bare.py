"""A web server that takes in a message and answers as much as a receipt is, and does nothing else:
the limit that HTTP itself sets.
"""

from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

_RECEIPT = b"r" * 400


def application() -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """The application, as granian takes it."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"].read()
        start("200 OK", [("Content-Length", str(len(_RECEIPT)))])
        return [_RECEIPT]

    return answer
