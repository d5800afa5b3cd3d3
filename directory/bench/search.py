"""How fast homes are found: in the process, over HTTP with ten at once, and beside Datasette.

Every search is another one, so that nothing answers from what it answered before. Datasette gets
the same searches over the same rows in turns of a few dozen, so that whatever else the machine does
falls on both; and what it counts has to be what we count, search by search.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from directory.bench import datasette
from directory.bench.errors import BenchFailed
from directory.bench.load import AT_ONCE, Answer, ask_all
from directory.bench.percentiles import percentile
from directory.bench.queries import KINDS, Asked, many_queries
from directory.bench.records import VOCABULARY, many_homes, many_profiles
from directory.bench.systems import API, Caller, commissioners_cookie
from directory.country.authorities.service import in_nation
from directory.demo.consortium import Site, found, free_ports
from directory.demo.processes import Processes
from directory.homes.query import SearchQuery
from directory.homes.service import count_homes, search
from directory.nodes import opened
from directory.records.publishing.service import publish
from directory.security.rights.roles import Scope
from federation import Node, OwnLog, follow, reading, sequence, writing
from protocols.profiles import Profile
from protocols.records import Home

WARM_UPS = 10
DATASETTE_S = 240.0
_TURN = 25
# Over connections that are new each time: the kernel deals them out to the processes by chance.
_PAGES = 110


@dataclass(frozen=True, slots=True)
class Times:
    """Of one kind of search, in the process, in milliseconds."""

    queries: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Searched:
    """What was measured with a number of homes.

    Times in the process are of `directory.homes.service.search` with its page of records and its
    counts. `first_ms` is the first look after a change, which puts all homes into memory.
    `warm_ups` searches, none of them among the `queries`, came before anything was timed. Over HTTP
    `at_once` are asked at a time: `http` is the API, and `page` what a commissioner who is signed
    in sees, before it is compressed. Both other rates are of the same `datasette_queries`: as many,
    of every kind, as Datasette answers in DATASETTE_S seconds. Without it, ours is of all.
    """

    homes: int
    queries: int
    vocabulary: int
    warm_ups: int
    first_ms: float
    p50_ms: float
    p95_ms: float
    kinds: dict[str, Times]
    at_once: int
    http_p50_ms: float
    http_p95_ms: float
    http_requests_per_s: float
    page_p50_ms: float
    page_p95_ms: float
    page_requests_per_s: float
    page_largest_bytes: int
    datasette_queries: int
    datasette_p95_ms: float | None
    datasette_requests_per_s: float | None
    datasette_ratio: float | None


class _Found(msgspec.Struct):
    """What of our API's answer has to agree."""

    homes_found: int
    counts: dict[str, dict[str, int]]


def measure(
    folder: Path,
    homes: int,
    queries: int,
    other: Path | None,
    report: Callable[[str], None],
) -> Searched:
    """Measure in an empty folder. `other` is the Python that has Datasette. Raises BenchFailed."""
    asked = many_queries(queries + WARM_UPS, homes)
    warm_ups, asked = asked[:WARM_UPS], asked[WARM_UPS:]
    ports = free_ports(2)
    (site,) = found(folder, {"england": in_nation("England")}, ports[:1])
    with ExitStack() as stack:
        node = stack.enter_context(opened(site.folder))
        report(f"Publishing {homes:,} homes …")
        codes = [one.gss for one in node.member.authorities]
        made = list(many_homes(homes, codes))
        first_ms = publish_all(node, [*made, *many_profiles(made)], homes)
        report("Searching in the process …")
        seconds = _in_process(node, warm_ups, asked)
        report("Starting the web server …")
        stack.enter_context(Processes([site], only="web")).wait_ready()
        caller = Caller(site, node, (Scope.HOMES_READ,))
        if other:
            rows = folder / datasette.FILE
            datasette.copy_rows(site.folder / "replica.db", rows)
            stack.enter_context(datasette.serving(other, rows, ports[1]))
        report("Searching over HTTP …")
        for one in warm_ups:
            _ask_ours(caller, [one.query])
            if other:
                _ask_theirs(ports[1], [one.query])
        alone, beside, theirs, pages = _Load(), _Load(), _Load(), _Load()
        for start in range(0, len(asked), _TURN):
            turn = [one.query for one in asked[start : start + _TURN]]
            if other and theirs.together < DATASETTE_S:
                answers = beside.add(*_ask_ours(caller, turn))
                compared = theirs.add(*_ask_theirs(ports[1], turn))
                for query, our, their in zip(turn, answers, compared, strict=True):
                    check_agreement(query, our.body, their.body)
            else:
                alone.add(*_ask_ours(caller, turn))
            report(f"Searching over HTTP … {start + len(turn)} of {len(asked)}")
        report("Looking at pages …")
        cookie = commissioners_cookie(site, node)
        _ask_pages(site, cookie, warm_ups)
        largest = 0
        for start in range(0, len(asked), _PAGES):
            answers = pages.add(*_ask_pages(site, cookie, asked[start : start + _PAGES]))
            largest = max(largest, *(len(one.body) for one in answers))
    ours = beside if other else alone
    http = alone.seconds + beside.seconds
    return Searched(
        homes=homes,
        queries=len(asked),
        vocabulary=VOCABULARY,
        warm_ups=WARM_UPS,
        first_ms=first_ms,
        p50_ms=percentile(seconds, 50),
        p95_ms=percentile(seconds, 95),
        kinds={kind: _times(kind, asked, seconds) for kind in KINDS},
        at_once=AT_ONCE,
        http_p50_ms=percentile(http, 50),
        http_p95_ms=percentile(http, 95),
        http_requests_per_s=ours.rate,
        page_p50_ms=percentile(pages.seconds, 50),
        page_p95_ms=percentile(pages.seconds, 95),
        page_requests_per_s=pages.rate,
        page_largest_bytes=largest,
        datasette_queries=len(theirs.seconds),
        datasette_p95_ms=percentile(theirs.seconds, 95) if other else None,
        datasette_requests_per_s=theirs.rate if other else None,
        datasette_ratio=round(ours.rate / theirs.rate, 2) if other else None,
    )


def check_agreement(query: SearchQuery, ours: bytes, theirs: bytes) -> None:
    """Raise BenchFailed where the two found or counted otherwise."""
    found = msgspec.json.decode(ours, type=_Found)
    total, counts = datasette.read_counts(theirs, query)
    if found.homes_found != total:
        raise BenchFailed(f"{query}: {found.homes_found} homes here, {total} in Datasette")
    for name, theirs_by_value in counts.items():
        by_value = {value: count for value, count in found.counts[name].items() if count}
        if by_value != theirs_by_value:
            raise BenchFailed(f"{query}: by {name} {by_value} here, {theirs_by_value} in Datasette")


class _Load:
    """What one server has answered so far."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.together = 0.0

    def add(self, answers: list[Answer], seconds: float) -> list[Answer]:
        for one in answers:
            if one.status != 200:
                raise BenchFailed(f"{one.status}: {one.body[:500]!r}")
        self.seconds += [one.seconds for one in answers]
        self.together += seconds
        return answers

    @property
    def rate(self) -> float:
        """Requests per second."""
        return round(len(self.seconds) / self.together, 1)


def publish_all(node: Node, records: Iterable[Home | Profile], homes: int) -> float:
    """Have the node know records of so many homes; milliseconds of the first look at them."""
    with writing(node.node_db) as connection:
        publish(connection, node, records)
    sequence(node)
    follow(node, node.member, OwnLog(node.node_db))
    began = time.perf_counter()
    with reading(node.replica) as connection:
        if (known := count_homes(connection)) != homes:
            raise BenchFailed(f"{known} of {homes} homes are searchable")
    return round((time.perf_counter() - began) * 1000, 1)


def _in_process(node: Node, warm_ups: Sequence[Asked], asked: Sequence[Asked]) -> list[float]:
    """Seconds of each that was asked."""
    for one in warm_ups:
        _timed(node, one.query)
    return [_timed(node, one.query) for one in asked]


def _timed(node: Node, query: SearchQuery) -> float:
    began = time.perf_counter()
    with reading(node.replica) as connection:
        search(connection, query)
    return time.perf_counter() - began


def _ask_ours(caller: Caller, queries: Sequence[SearchQuery]) -> tuple[list[Answer], float]:
    paths = [f"{API}/homes?{urlencode(_arguments(query))}" for query in queries]
    return ask_all(caller.site.port, paths, caller.headers())


def _ask_pages(
    site: Site, cookie: dict[str, str], asked: Sequence[Asked]
) -> tuple[list[Answer], float]:
    paths = [f"/homes?{urlencode(_arguments(one.query))}" for one in asked]
    return ask_all(site.port, paths, cookie)


def _ask_theirs(port: int, queries: Sequence[SearchQuery]) -> tuple[list[Answer], float]:
    return ask_all(port, [datasette.path_of(query) for query in queries], {})


def _arguments(query: SearchQuery) -> dict[str, object]:
    return {name: value for name in query.__slots__ if (value := getattr(query, name))}


def _times(kind: str, asked: Sequence[Asked], seconds: Sequence[float]) -> Times:
    theirs = [took for one, took in zip(asked, seconds, strict=True) if one.kind == kind]
    return Times(len(theirs), percentile(theirs, 50), percentile(theirs, 95))
