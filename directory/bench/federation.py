"""How a whole federation converges: real nodes on this machine, each a web server and a worker.

Every node publishes its share of the homes before the workers start; from then on each follows all
the others. What a node holds is counted in its own database, and what it asked of each peer is what
its worker noted (`Contact`).
"""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import select

from directory.authorities.service import Authority, in_nation
from directory.bench.errors import BenchFailed
from directory.bench.percentiles import percentile
from directory.bench.records import many_homes
from directory.demo.consortium import Site, found, free_ports, open_all
from directory.demo.processes import Processes
from directory.homes.models import home
from directory.publishing.service import publish
from federation import Node, contacts, followed_logs, reading, sequence, writing
from protocols.records import Home
from protocols.tiles import TILE_WIDTH

REQUESTS_PER_BUNDLE = 2
PATIENCE_S = 900.0
IDLE_S = 60.0
PUBLISHED = 40
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Federated:
    """What a federation of so many nodes did.

    `converge_s` is from the start of the workers, that of Python included, until every node holds
    every record, its own included: `converged` says whether all do. `requests` and `bytes` are of
    all nodes until then. Each follower fetches each bundle of each log once, by `b` requests; all
    others are at most `a` for each pair of a node and a log: requests <= a nodes logs + b bundles.
    `idle_requests_per_hour` is of all nodes together, measured for IDLE_S seconds.
    `publish_to_searchable_*` is from the commit of an edited home to the moment at which a search
    on another node can find it, for each other node of PUBLISHED edits.
    """

    nodes: int
    records: int
    converged: bool
    converge_s: float
    requests: int
    bytes: int
    bundles: int
    a: int
    b: int
    idle_requests_per_hour: int
    publish_to_searchable_p50_ms: float
    publish_to_searchable_p95_ms: float


def measure(folder: Path, nodes: int, records: int, report: Callable[[str], None]) -> Federated:
    """Measure in an empty folder. Raises BenchFailed."""
    report(f"Founding {nodes} nodes …")
    sites = found(folder, _shared_out(nodes), free_ports(nodes))
    with ExitStack() as stack:
        opened = list(open_all(stack, sites).values())
        homes = [_homes(site, records // nodes, seed) for seed, site in enumerate(sites)]
        for node, theirs in zip(opened, homes, strict=True):
            report(f"Publishing on {node.name} …")
            _publish(node, theirs)
        report("Starting the web servers …")
        stack.enter_context(Processes(sites, only="web")).wait_ready()
        report("Starting the workers …")
        began = time.monotonic()
        stack.enter_context(Processes(sites, only="worker"))
        wanted = sum(map(len, homes))
        while not (converged := all(_holds(node, wanted) for node in opened)):
            if time.monotonic() - began > PATIENCE_S:
                break
            time.sleep(_LOOK_S * nodes)
        converge_s = time.monotonic() - began
        requests, received = _traffic(opened)
        bundles = (nodes - 1) * sum(math.ceil(len(theirs) / TILE_WIDTH) for theirs in homes)
        report("Publishing one home after another …")
        took = [_edit(opened, number, homes) for number in range(PUBLISHED)]
        report("Waiting …")
        time.sleep(IDLE_S / 2)
        before = _traffic(opened)[0]
        time.sleep(IDLE_S)
        idle = _traffic(opened)[0] - before
    seconds = [one for each in took for one in each]
    return Federated(
        nodes=nodes,
        records=wanted,
        converged=converged,
        converge_s=round(converge_s, 2),
        requests=requests,
        bytes=received,
        bundles=bundles,
        a=math.ceil((requests - REQUESTS_PER_BUNDLE * bundles) / nodes**2),
        b=REQUESTS_PER_BUNDLE,
        idle_requests_per_hour=round(idle * 3600 / IDLE_S),
        publish_to_searchable_p50_ms=percentile(seconds, 50),
        publish_to_searchable_p95_ms=percentile(seconds, 95),
    )


def _shared_out(nodes: int) -> dict[str, tuple[Authority, ...]]:
    """The authorities of England, shared out among so many nodes."""
    everyone = in_nation("England")
    if nodes > len(everyone):
        raise BenchFailed(f"There are {len(everyone)} authorities for {nodes} nodes.")
    return {f"node-{number:03}": tuple(everyone[number::nodes]) for number in range(nodes)}


def _homes(site: Site, count: int, seed: int) -> list[Home]:
    """So many homes in the area of a node, with URNs that no other node has."""
    invented = many_homes(count, [one.gss for one in site.authorities], seed)
    return [replace(one, urn=f"BENCH-{seed:03}-{number:05}") for number, one in enumerate(invented)]


def _publish(node: Node, homes: Sequence[Home]) -> None:
    with writing(node.node_db) as connection:
        publish(connection, node, homes)
    sequence(node)


def _holds(node: Node, records: int) -> bool:
    """Whether a node holds so many records of all logs, its own included."""
    with reading(node.replica) as connection:
        return sum(log.size for log in followed_logs(connection).values()) >= records


def _traffic(nodes: Sequence[Node]) -> tuple[int, int]:
    """Requests and bytes of all nodes, as far as they have noted them."""
    requests = received = 0
    for node in nodes:
        with reading(node.replica) as connection:
            for one in contacts(connection).values():
                requests += one.requests
                received += one.bytes_received
    return requests, received


def _edit(nodes: Sequence[Node], number: int, homes: Sequence[Sequence[Home]]) -> list[float]:
    """Change a home on one node; seconds until each other has it in its search tables."""
    turn, which = number % len(nodes), number // len(nodes)
    edited = replace(homes[turn][which], name=f"Edited {number}")
    waiting = [node for node in nodes if node is not nodes[turn]]
    before = {node.name: _entry(node, edited.urn) for node in waiting}
    with writing(nodes[turn].node_db) as connection:
        publish(connection, nodes[turn], [edited])
    began = time.monotonic()
    took: list[float] = []
    while waiting:
        there = [node for node in waiting if _entry(node, edited.urn) != before[node.name]]
        took += [time.monotonic() - began] * len(there)
        waiting = [node for node in waiting if node not in there]
        if time.monotonic() - began > PATIENCE_S:
            raise BenchFailed(f"{waiting[0].name} does not get what {nodes[turn].name} published")
        time.sleep(_LOOK_S)
    return took


def _entry(node: Node, urn: str) -> int | None:
    """The log entry in which a node's search tables found a home."""
    with reading(node.replica) as connection:
        return connection.scalar(select(home.c.entry).where(home.c.urn == urn))
