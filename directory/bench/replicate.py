"""How fast a node catches up with another, beside the bare insert of the same rows.

The author is a real server process; the follower is `hearth sync`, a process of its own that
fetches, verifies, stores and indexes. Then the rows that it wrote are inserted again with nothing
but the database (`bare_insert`). At last the author publishes one more record, and the follower
is run once more: what that costs must not depend on how long the log is.
"""

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec.structs import replace
from sqlalchemy import func, select

from directory.bench.bare_insert import copy_into_postgresql, insert_into_sqlite
from directory.bench.databases import new_database
from directory.bench.errors import BenchFailed
from directory.bench.publishing import publish_all
from directory.bench.records import VOCABULARY, many_homes
from directory.demo.consortium import found, free_ports, open_all, three_authorities
from directory.demo.processes import Processes
from directory.homes.query import SearchQuery
from directory.homes.service import count_homes, search
from federation import Node, followed_logs, reading, replica_metadata
from protocols.entries import SALT_SIZE
from protocols.tiles import TILE_WIDTH

SHORT_LOG = 1_000


class Synced(msgspec.Struct):
    """What `hearth sync --json` prints."""

    records: int
    seconds: float
    requests: int
    bytes_on_wire: int
    peak_rss_mb: float


@dataclass(frozen=True, slots=True)
class Replication:
    """Rates in records per second; `ratio` is the follower's to the bare insert's.

    `incremental_*` is what one more record costs once the log is that long. It comes with the
    others of its bundle, so the bytes depend on its place there.
    """

    database: str
    records: int
    payload_bytes_mean: int
    vocabulary: int
    seconds: float
    records_per_s: float
    bare_records_per_s: float
    ratio: float
    bytes_on_wire: int
    requests: int
    peak_rss_mb: float
    incremental_requests: int
    incremental_bytes: int


def short_log(records: int) -> int:
    """About a thousand, so that the next record has the same place in its bundle as after so many
    `records`.
    """
    return SHORT_LOG - (SHORT_LOG - records) % TILE_WIDTH


def replicate(
    folder: Path, records: int, server: str | None, report: Callable[[str], None]
) -> Replication:
    """Measure in an empty folder, the follower on SQLite, or in new databases of a PostgreSQL
    server. Raises BenchFailed.
    """
    kind = "postgresql" if server else "sqlite"
    served = dict(list(three_authorities().items())[:2])
    with ExitStack() as stack:
        address = stack.enter_context(new_database(server, "follower"))
        author, follower = found(folder, served, free_ports(2), {list(served)[1]: address})
        nodes = open_all(stack, [author, follower])
        report(f"{kind}: publishing {records:,} records …")
        area = [author.authorities[0].gss]
        publish_all(nodes[author.name], many_homes(records, area))
        stack.enter_context(Processes([author], only="web")).wait_ready()
        report(f"{kind}: following …")
        synced = _sync(follower.folder, nodes[follower.name], records)
        report(f"{kind}: inserting the same rows …")
        log = _log(nodes[follower.name], author.name)
        if address:
            empty = stack.enter_context(new_database(server, "bare")) or ""
            seconds = copy_into_postgresql(address, log, records, empty, folder / "bare")
        else:
            seconds = insert_into_sqlite(follower.folder, log, records, folder / "bare")
        report(f"{kind}: one more record …")
        one_more = [replace(one, urn="BENCH-ONE-MORE") for one in many_homes(1, area)]
        publish_all(nodes[author.name], one_more)
        again = _sync(follower.folder, nodes[follower.name], records + 1)
        mean = _payload_bytes_mean(nodes[follower.name])
    rate, bare = records / synced.seconds, records / seconds
    return Replication(
        database=kind,
        records=records,
        payload_bytes_mean=mean,
        vocabulary=VOCABULARY,
        seconds=synced.seconds,
        records_per_s=round(rate, 1),
        bare_records_per_s=round(bare, 1),
        ratio=round(rate / bare, 3),
        bytes_on_wire=synced.bytes_on_wire,
        requests=synced.requests,
        peak_rss_mb=synced.peak_rss_mb,
        incremental_requests=again.requests,
        incremental_bytes=again.bytes_on_wire,
    )


def _sync(folder: Path, node: Node, records: int) -> Synced:
    """Run the follower; afterwards so many records can be searched. Raises BenchFailed."""
    done = subprocess.run(
        [sys.executable, "-m", "directory.cli", "sync", "--json", "--data-dir", str(folder)],
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise BenchFailed("'hearth sync' failed; see above")
    (first,) = many_homes(1, ["E08000035"])
    with reading(node.replica) as connection:
        searchable = count_homes(connection)
        found_word = search(connection, SearchQuery(words=(first.name or "").split()[0])).total
    if searchable != records or not found_word:
        raise BenchFailed(f"{searchable} of {records} records are searchable after following")
    return msgspec.json.decode(done.stdout, type=Synced)


def _log(node: Node, author: str) -> int:
    """The number that the follower has given to the author's log."""
    with reading(node.replica) as connection:
        logs = followed_logs(connection)
    return next(number for number, log in logs.items() if log.node == author)


def _payload_bytes_mean(node: Node) -> int:
    blob = replica_metadata.tables["entry"].c.blob
    with reading(node.replica) as connection:
        return round((connection.scalar(select(func.avg(func.length(blob)))) or 0) - SALT_SIZE)
