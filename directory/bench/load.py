"""Asking an HTTP server, several at once, each over a connection of its own that stays open.

Nothing but `http.client` and no look at the answer while the clock runs: what asks must not cost
what it measures.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection  # noqa: TID251 - see above

AT_ONCE = 10
_PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """What came, and after how many seconds."""

    status: int
    body: bytes
    seconds: float


def ask_all(
    port: int, paths: Sequence[str], headers: Mapping[str, str], at_once: int = AT_ONCE
) -> tuple[list[Answer], float]:
    """The answers in the order of the paths, and how many seconds they took together."""
    shares = [paths[start::at_once] for start in range(at_once)]
    with ThreadPoolExecutor(at_once) as pool:
        began = time.perf_counter()
        answers = list(pool.map(lambda share: _ask(port, share, headers), shares))
        seconds = time.perf_counter() - began
    in_order = [answers[place % at_once][place // at_once] for place in range(len(paths))]
    return in_order, seconds


def _ask(port: int, paths: Sequence[str], headers: Mapping[str, str]) -> list[Answer]:
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    answers = []
    for path in paths:
        began = time.perf_counter()
        connection.request("GET", path, headers=dict(headers))
        came = connection.getresponse()
        body = came.read()
        answers.append(Answer(came.status, body, time.perf_counter() - began))
    connection.close()
    return answers
