"""How a whole federation converges: real nodes on this machine, each a web server and a worker.

Every node publishes its share of the homes before the workers start; from then on each follows all
the others. What a node holds is counted in its own database, requests are counted by the web
servers at which they arrive, and bytes are what the workers noted of their peers (`Contact`). What
it may cost is known beforehand (`cost`).
"""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import func, select

from directory.bench import cost
from directory.bench.arrivals import Arrivals, logged
from directory.bench.errors import BenchFailed
from directory.bench.percentiles import percentile
from directory.bench.records import many_homes
from directory.country.authorities.service import Authority, in_nation
from directory.demo.consortium import Site, found, free_ports, open_all
from directory.demo.processes import Processes
from directory.homes.models import home
from directory.records.publishing.service import publish
from federation import Node, contacts, publish_log, reading, writing
from protocols.records import Home
from protocols.tiles import TILE_WIDTH

PATIENCE_S = 900.0
# A worker notes what it received when its turn to a peer is over.
NOTED_S = 3.0
# Longer than any look of the safety net is apart from the next: what edits cause is over.
REST_S = 40.0
IDLE_S = 60.0
PUBLISHED = 40
_LOOK_S = 0.02
_LOOK_A_NODE_S = 0.002


@dataclass(frozen=True, slots=True)
class Federated:
    """What a federation of so many nodes did.

    `converge_s` is from the start of the workers, that of Python included, until every node holds
    every record, its own included: `converged` says whether all do. `requests` and `bytes` are of
    all nodes until then, `bundle_requests` those among them that fetched one of the `bundles`; each
    follower's count. `within_bounds` says whether requests <= a nodes logs + b bundles, and whether
    no bundle was fetched twice, where a and b are what `cost` says.
    `idle_requests_per_hour` is of all nodes together, measured for IDLE_S seconds.
    `publish_to_searchable_*` is from the commit of an edited home to the moment at which a search
    on another node can find it, for each other node of PUBLISHED edits.
    """

    nodes: int
    witnesses: int
    records: int
    converged: bool
    converge_s: float
    requests: int
    bytes: int
    bundle_requests: int
    bundles: int
    a: int
    b: int
    requests_at_most: int
    within_bounds: bool
    idle_requests_per_hour: int
    idle_requests_per_hour_on_paper: int
    publish_to_searchable_p50_ms: float
    publish_to_searchable_p95_ms: float


def measure(
    folder: Path, nodes: int, witnesses: int, records: int, report: Callable[[str], None]
) -> Federated:
    """Measure in an empty folder. Raises BenchFailed."""
    report(f"Founding {nodes} nodes …")
    sites = found(folder, _shared_out(nodes), free_ports(nodes), witnesses=witnesses)
    with logged(), ExitStack() as stack:
        opened = list(open_all(stack, sites).values())
        report("Starting the web servers …")
        web = stack.enter_context(Processes(sites, only="web"))
        web.wait_ready("charter")
        homes = [_homes(site, records // nodes, seed) for seed, site in enumerate(sites)]
        for node, theirs in zip(opened, homes, strict=True):
            report(f"Publishing on {node.name} …")
            with writing(node.node_db) as connection:
                publish(connection, node, theirs)
            publish_log(node, [])
        web.wait_ready()
        arrivals = Arrivals(sites)
        arrivals.take()
        report("Starting the workers …")
        began = time.monotonic()
        stack.enter_context(Processes(sites, only="worker"))
        wanted = sum(map(len, homes))
        while not (converged := all(_homes_held(node) == wanted for node in opened)):
            if time.monotonic() - began > PATIENCE_S:
                break
            time.sleep(_LOOK_S * nodes)
        converge_s = time.monotonic() - began
        requests, bundle_requests = arrivals.take()
        time.sleep(NOTED_S)
        received = _received(opened)
        report("Publishing one home after another …")
        took = [_edit(opened, number, homes) for number in range(PUBLISHED)]
        report("Waiting …")
        time.sleep(REST_S)
        arrivals.take()
        time.sleep(IDLE_S)
        idle, _ = arrivals.take()
    seconds = [one for each in took for one in each]
    bundles = (nodes - 1) * sum(math.ceil(len(theirs) / TILE_WIDTH) for theirs in homes)
    a = cost.a_within(converge_s)
    at_most = a * nodes**2 + cost.B * bundles
    return Federated(
        nodes=nodes,
        witnesses=witnesses,
        records=wanted,
        converged=converged,
        converge_s=round(converge_s, 2),
        requests=requests,
        bytes=received,
        bundle_requests=bundle_requests,
        bundles=bundles,
        a=a,
        b=cost.B,
        requests_at_most=at_most,
        within_bounds=requests <= at_most and bundle_requests <= cost.B * bundles,
        idle_requests_per_hour=round(idle * 3600 / IDLE_S),
        idle_requests_per_hour_on_paper=cost.idle_an_hour(nodes),
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


def _homes_held(node: Node) -> int:
    """How many homes of all logs, its own included, a search on a node can find."""
    with reading(node.replica) as connection:
        return connection.scalar(select(func.count()).select_from(home)) or 0


def _received(nodes: Sequence[Node]) -> int:
    """Bytes that all nodes have received, as far as they have noted them."""
    received = 0
    for node in nodes:
        with reading(node.replica) as connection:
            received += sum(one.bytes_received for one in contacts(connection).values())
    return received


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
        time.sleep(max(_LOOK_S, _LOOK_A_NODE_S * len(nodes)))
    return took


def _entry(node: Node, urn: str) -> int | None:
    """The log entry in which a node's search tables found a home."""
    with reading(node.replica) as connection:
        return connection.scalar(select(home.c.entry).where(home.c.urn == urn))
