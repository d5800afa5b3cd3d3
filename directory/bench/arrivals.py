"""Requests counted where they arrive: by the web servers of a federation, in what they log."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from directory.demo.consortium import Site
from directory.demo.processes import LOG

_LOGGED = {
    "GRANIAN_LOG_ACCESS_ENABLED": "true",
    "GRANIAN_LOG_ACCESS_FMT": "%(method)s %(path)s %(status)d",
}
_ARRIVED = re.compile(rb"^(?:GET|POST) /(\S*) [1-5][0-9]{2}$", re.MULTILINE)
_OF_A_BUNDLE = re.compile(rb"(?:log/tile/entries|log/payloads)/")


@contextmanager
def logged() -> Iterator[None]:
    """Every web server that is started meanwhile logs one line for each request."""
    os.environ |= _LOGGED
    try:
        yield
    finally:
        for name in _LOGGED:
            del os.environ[name]


class Arrivals:
    """What arrived at these sites since the last look."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._logs = dict.fromkeys((site.folder / LOG for site in sites), 0)

    def take(self) -> tuple[int, int]:
        """How many requests, and how many of them for bundles of entries or payloads."""
        every = bundles = 0
        for log, seen in self._logs.items():
            with log.open("rb") as lines:
                lines.seek(seen)
                new = lines.read()
            whole = new[: new.rfind(b"\n") + 1]
            self._logs[log] = seen + len(whole)
            paths = _ARRIVED.findall(whole)
            every += len(paths)
            bundles += sum(bool(_OF_A_BUNDLE.match(path)) for path in paths)
        return every, bundles
