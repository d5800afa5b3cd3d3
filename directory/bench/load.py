"""Asking an HTTP server, several at once, each over a connection of its own that stays open.

Nothing but `http.client` and no look at the answer while the clock runs: what asks must not cost
what it measures.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException  # noqa: TID251 - see above

from directory.bench.errors import BenchFailed

AT_ONCE = 10
_PATIENCE_S = 900


@dataclass(frozen=True, slots=True)
class Answer:
    """What came, and after how many seconds."""

    status: int
    body: bytes
    seconds: float


def ask_all(
    port: int, paths: Sequence[str], headers: Mapping[str, str], at_once: int = AT_ONCE
) -> tuple[list[Answer], float]:
    """The answers in the order of the paths, and how many seconds they took together.

    Who has an answer asks for the next path. Raises BenchFailed where one does not come.
    """
    left = iter(enumerate(paths))
    answers: dict[int, Answer] = {}
    with ThreadPoolExecutor(at_once) as pool:
        began = time.perf_counter()
        asking = [pool.submit(_ask, port, left, headers, answers) for _ in range(at_once)]
        for one in asking:
            one.result()
        seconds = time.perf_counter() - began
    return [answers[place] for place in range(len(paths))], seconds


def _ask(
    port: int,
    left: Iterator[tuple[int, str]],
    headers: Mapping[str, str],
    answers: dict[int, Answer],
) -> None:
    with closing(HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)) as connection:
        for place, path in left:
            began = time.perf_counter()
            try:
                connection.request("GET", path, headers=dict(headers))
                came = connection.getresponse()
                body = came.read()
            except (OSError, HTTPException) as error:
                raise BenchFailed(f"no answer from port {port} to {path}: {error!r}") from error
            answers[place] = Answer(came.status, body, time.perf_counter() - began)
