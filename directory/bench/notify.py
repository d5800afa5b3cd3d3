"""How fast notices go from a form to a stored receipt, between two nodes on one machine.

Both nodes run as they do in earnest: web server and worker, a process each. Officers write notices
into the sender's database, each in a transaction with its audit row and its sealed message; the
worker delivers; the other node verifies, unseals, stores and signs; the receipt is verified and
stored. A few dozen notices are under way at a time: an officer writes the next when one has its
receipt. A notice's time is from the form's bytes to the moment that its receipt is stored with.

Beside it stands what no way around could be had for: three commits to disk and one exchange over
HTTP for each notice, of bare rows and bytes of the same size.
"""

import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import connect

import msgspec
import requests

from directory.bench.errors import BenchFailed
from directory.bench.percentiles import percentile
from directory.demo.consortium import LOOPBACK, Site, found, free_ports, open_all, three_authorities
from directory.demo.notices import fictional_notice
from directory.demo.processes import Processes
from directory.node.running.commands import web_command
from directory.notices.sent import read_notice, send_notice
from directory.security.rights.principal import operator
from federation import Node, dispatches, pragmas, reading, receipt_of, writing

AT_ONCE = 32
PATIENCE_S = 120.0
_LOOK_S = 0.02
_WARM_UPS = 10
_COMMITS = 3  # the sender's notice, the receiver's, and the receipt


@dataclass(frozen=True, slots=True)
class Notified:
    """Latencies from form to stored receipt, `at_once` under way at a time. `limit_per_s` is how
    many a second three bare commits and a bare exchange would leave, one after another; `ratio` is
    ours to that.
    """

    messages: int
    at_once: int
    warm_ups: int
    messages_per_s: float
    p50_ms: float
    p95_ms: float
    bare_commits_per_s: float
    bare_exchanges_per_s: float
    limit_per_s: float
    ratio: float


def measure(folder: Path, messages: int, report: Callable[[str], None]) -> Notified:
    """Measure in an empty folder. Raises BenchFailed."""
    sites = found(folder, dict(list(three_authorities().items())[:2]), free_ports(2))
    sender, receiver = sites
    form = msgspec.json.encode(fictional_notice())
    with ExitStack() as stack:
        node = open_all(stack, sites)[sender.name]
        processes = stack.enter_context(Processes(sites))
        report("Starting two nodes …")
        processes.wait_ready()
        notices = _Notices(node, sender, receiver, form)
        notices.exchange(_WARM_UPS)
        report("Sending notices …")
        began = time.perf_counter()
        latencies = notices.exchange(messages)
        seconds = time.perf_counter() - began
        notices.verify()
    report("Committing and asking without us …")
    commits = _bare_commits(folder, len(form) * 2)
    exchanges = _bare_exchanges(len(form) * 2)
    limit = 1 / (_COMMITS / commits + 1 / exchanges)
    rate = messages / seconds
    return Notified(
        messages=messages,
        at_once=AT_ONCE,
        warm_ups=_WARM_UPS,
        messages_per_s=round(rate, 1),
        p50_ms=percentile(latencies, 50),
        p95_ms=percentile(latencies, 95),
        bare_commits_per_s=round(commits, 1),
        bare_exchanges_per_s=round(exchanges, 1),
        limit_per_s=round(limit, 1),
        ratio=round(rate / limit, 3),
    )


class _Notices:
    """Notices from one node's authority to another's."""

    def __init__(self, node: Node, sender: Site, receiver: Site, form: bytes) -> None:
        self._node = node
        self._placing, self._area = sender.authorities[0].gss, receiver.authorities[0].gss
        self._form = form
        self._began: dict[str, datetime] = {}

    def exchange(self, count: int) -> list[float]:
        """Send so many, AT_ONCE under way at a time; gives the seconds that each took, from the
        form to the moment when the worker stored what came of it.
        """
        took: list[float] = []
        last = time.monotonic()
        sent = 0
        while len(took) < count:
            while sent < count and len(self._began) < AT_ONCE:
                self._send()
                sent += 1
            if settled := self._settled():
                took += settled
                last = time.monotonic()
            elif time.monotonic() > last + PATIENCE_S:
                raise BenchFailed(f"no receipt in {PATIENCE_S:.0f} s; {len(took)} of {count} came")
            else:
                time.sleep(_LOOK_S)
        return took

    def _send(self) -> None:
        began = datetime.now(UTC)
        notice = read_notice(self._form)
        with writing(self._node.node_db) as connection:
            message = send_notice(
                connection,
                self._node,
                operator("benchmark"),
                notice,
                placing=self._placing,
                area=self._area,
            )
        self._began[message] = began

    def verify(self) -> None:
        """Raise BenchFailed unless each has a receipt that says stored, verified afresh."""
        with reading(self._node.node_db) as connection:
            for message in dispatches(connection):
                receipt = receipt_of(connection, self._node, message)
                if receipt is None or receipt.outcome != "stored":
                    raise BenchFailed(f"the notice {message} was not stored: {receipt}")

    def _settled(self) -> list[float]:
        with reading(self._node.node_db) as connection:
            seen = dispatches(connection, self._began)
        return [
            (one.answered_at - self._began.pop(one.id)).total_seconds()
            for one in seen.values()
            if one.answered_at
        ]


def _bare_commits(folder: Path, size: int, count: int = 300) -> float:
    """Commits to disk in a second, each of one row of so many bytes."""
    with closing(connect(folder / "bare.db", isolation_level=None)) as database:
        for pragma in pragmas(durable=True):
            database.execute(pragma)
        database.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, body BLOB)")
        began = time.perf_counter()
        for _ in range(count):
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO message (body) VALUES (zeroblob(?))", (size,))
            database.execute("COMMIT")
        return count / (time.perf_counter() - began)


def _bare_exchanges(size: int, count: int = 300) -> float:
    """Exchanges in a second, one after another, with a web server that does nothing."""
    (port,) = free_ports(1)
    process = subprocess.Popen(web_command(LOOPBACK, port, 1, "directory.bench.bare:application"))
    try:
        with requests.Session() as session:
            url, body = f"http://{LOOPBACK}:{port}/", bytes(size)
            _wait(session, url)
            began = time.perf_counter()
            for _ in range(count):
                session.post(url, data=body, timeout=10)
            return count / (time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait()


def _wait(session: requests.Session, url: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with suppress(requests.ConnectionError):
            session.post(url, timeout=10)
            return
        time.sleep(0.05)
    raise BenchFailed("the bare web server does not answer")
