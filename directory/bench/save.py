"""How long an officer waits for a notice to be saved while the node follows a backlog.

The author is a real server process with a log of many homes; the node that is measured follows it
with `hearth sync`, a process of its own. Meanwhile this process saves notices, one after another
with a short rest between, as a person or a system would hand them in: the notice sealed, its
message signed and sealed to the area authority, the audit row, all committed durably. Only saves
that began and ended while the backlog was followed count.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import quantiles

from directory.bench.databases import new_database
from directory.bench.errors import BenchFailed
from directory.bench.publishing import publish_all
from directory.bench.records import many_homes
from directory.demo.consortium import Site, found, free_ports, open_all, three_authorities
from directory.demo.processes import Processes
from directory.notices.sent import send_notice
from directory.security.rights.principal import operator
from federation import Node, followed_logs, reading, writing
from protocols.notices import Child, Contact, Notice, Placement

REST_S = 0.01


@dataclass(frozen=True, slots=True)
class Saves:
    """Of one database. Times in milliseconds, from the call to the end of its commit."""

    database: str
    saves: int
    p50_ms: float
    p95_ms: float
    max_ms: float
    records: int
    records_followed_per_s: float


def measure_saves(
    folder: Path, records: int, server: str | None, report: Callable[[str], None]
) -> Saves:
    """Measure in an empty folder, on SQLite, or in new databases of a PostgreSQL server.

    Raises BenchFailed.
    """
    served = dict(list(three_authorities().items())[:2])
    kind = "postgresql" if server else "sqlite"
    with ExitStack() as stack:
        databases = {name: stack.enter_context(new_database(server, name)) for name in served}
        author, follower = found(folder, served, free_ports(2), databases)
        nodes = open_all(stack, [author, follower])
        report(f"{kind}: publishing …")
        publish_all(nodes[author.name], many_homes(records, [author.authorities[0].gss]))
        processes = stack.enter_context(Processes([author], only="web"))
        processes.wait_ready()
        report(f"{kind}: saving while the node follows …")
        times, seconds = _save_beside(nodes[follower.name], follower, author)
        with reading(nodes[follower.name].replica) as connection:
            held = [log.size for log in followed_logs(connection).values()]
    if max(held) != records:
        raise BenchFailed(f"{kind}: {max(held)} of {records} records were followed")
    if len(times) < 20:
        raise BenchFailed(f"{kind}: only {len(times)} saves; measure with more --records")
    cuts = quantiles(times, n=100, method="inclusive")
    return Saves(
        database=kind,
        saves=len(times),
        p50_ms=round(cuts[49], 2),
        p95_ms=round(cuts[94], 2),
        max_ms=round(max(times), 2),
        records=records,
        records_followed_per_s=round(records / seconds, 1),
    )


def _save_beside(node: Node, site: Site, author: Site) -> tuple[list[float], float]:
    """Milliseconds of each save, and the seconds that following took."""
    command = [sys.executable, "-m", "directory.cli", "sync", "--json"]
    times: list[float] = []
    placing, area = site.authorities[0].gss, author.authorities[0].gss
    with subprocess.Popen(
        [*command, "--data-dir", str(site.folder)], stdout=subprocess.PIPE
    ) as following:
        while following.poll() is None:
            held = _held(node, author.name)
            began = time.perf_counter()
            with writing(node.node_db) as connection:
                send_notice(
                    connection, node, operator("bench"), _notice(), placing=placing, area=area
                )
            took = (time.perf_counter() - began) * 1000
            if held and following.poll() is None:
                times.append(took)
            time.sleep(REST_S)
        said = following.communicate()[0]
    if following.returncode:
        raise BenchFailed("'hearth sync' failed; see above")
    return times, float(json.loads(said)["seconds"])


def _held(node: Node, author: str) -> int:
    with reading(node.replica) as connection:
        return sum(log.size for log in followed_logs(connection).values() if log.node == author)


def _notice() -> Notice:
    """A notice about nobody, of the length that notices have."""
    person = Contact("Sam Sample", "Duty social worker", "01632 960101")
    return Notice(
        child=Child("BENCH-1", "Robin", "Sample", date(2012, 4, 9)),
        placement=Placement("children's home", "1 Sample Lane", date(2026, 12, 1)),
        social_worker=person,
        out_of_hours=person,
        reviewing_officer=person,
        legal_status="section 31",
        assessment_of_needs="Needs a steady school. " * 40,
        why_most_suitable="Near that school. " * 40,
        care_plan="Stays until July. " * 40,
    )
