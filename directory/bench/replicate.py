"""How fast a node catches up with another, beside the bare insert of the same rows.

The author is a real server process; the follower is `hearth sync`, a process of its own that
fetches, verifies, stores and indexes. Then the rows that it wrote are read back, and inserted again
with nothing but the standard library's `sqlite3`, into an empty database of the same schema, with
the same settings, in transactions of the same size.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection, connect

import msgspec

from directory.bench.errors import BenchFailed
from directory.bench.records import VOCABULARY, many_homes
from directory.database import migrate
from directory.demo.consortium import found, free_ports, open_all, three_authorities
from directory.demo.processes import Processes
from directory.homes.query import SearchQuery
from directory.homes.service import count_homes, search
from directory.publishing.service import publish
from federation import BATCH_ENTRIES, pragmas, reading, sequence, writing
from protocols.records import encode_record

_COPIED = {
    "entry": "SELECT log, idx, raw, blob, payload FROM entry ORDER BY log, idx",
    "subtree": "SELECT log, level, idx, hash FROM subtree ORDER BY log, level, idx",
    "home": "SELECT * FROM home ORDER BY id",
    "home_words": "SELECT * FROM home_words ORDER BY id",
    "home_text(rowid, heading, words)": "SELECT * FROM home_words ORDER BY id",
}


class Synced(msgspec.Struct):
    """What `hearth sync --json` prints."""

    records: int
    seconds: float
    requests: int
    bytes_on_wire: int
    peak_rss_mb: float


@dataclass(frozen=True, slots=True)
class Replication:
    """Rates in records per second; `ratio` is the follower's to the bare insert's."""

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


def replicate(folder: Path, records: int, report: Callable[[str], None]) -> Replication:
    """Measure in an empty folder. Raises BenchFailed."""
    three = list(three_authorities().items())
    author, follower = found(folder, dict(three[:2]), free_ports(2))
    with ExitStack() as stack:
        nodes = open_all(stack, [author, follower])
        report("Publishing …")
        homes = list(many_homes(records, [author.authorities[0].gss]))
        size = sum(len(encode_record(home)) for home in homes)
        with writing(nodes[author.name].node_db) as connection:
            publish(connection, nodes[author.name], homes)
        sequence(nodes[author.name])
        word = (homes[0].name or "").split()[0]
        del homes
        processes = stack.enter_context(Processes([author], only="web"))
        processes.wait_ready()
        report("Following …")
        synced = _sync(follower.folder)
        with reading(nodes[follower.name].replica) as connection:
            searchable = count_homes(connection)
            found_word = search(connection, SearchQuery(words=word)).total
    if searchable != records or not found_word:
        raise BenchFailed(f"{searchable} of {records} records are searchable after following")
    report("Inserting the same rows …")
    bare = records / _insert_again(follower.folder, folder / "bare")
    rate = records / synced.seconds
    return Replication(
        records=records,
        payload_bytes_mean=round(size / records),
        vocabulary=VOCABULARY,
        seconds=synced.seconds,
        records_per_s=round(rate, 1),
        bare_records_per_s=round(bare, 1),
        ratio=round(rate / bare, 3),
        bytes_on_wire=synced.bytes_on_wire,
        requests=synced.requests,
        peak_rss_mb=synced.peak_rss_mb,
    )


def _sync(folder: Path) -> Synced:
    done = subprocess.run(
        [sys.executable, "-m", "directory.cli", "sync", "--json", "--data-dir", str(folder)],
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise BenchFailed("'hearth sync' failed; see above")
    return msgspec.json.decode(done.stdout, type=Synced)


def _insert_again(source: Path, target: Path) -> float:
    """Seconds that the bare insert of the rows in `source` takes, in an empty database."""
    target.mkdir()
    migrate(target)
    with (
        closing(connect(source / "replica.db")) as read,
        closing(connect(target / "replica.db", isolation_level=None)) as write,
    ):
        for pragma in pragmas(durable=False):
            write.execute(pragma)
        rows = {into: read.execute(query).fetchall() for into, query in _COPIED.items()}
        began = time.monotonic()
        for start in range(0, len(rows["entry"]), BATCH_ENTRIES):
            _insert_batch(write, rows, start)
        return time.monotonic() - began


def _insert_batch(write: Connection, rows: dict[str, list[tuple[object, ...]]], start: int) -> None:
    """One transaction of every table's share."""
    write.execute("BEGIN IMMEDIATE")
    for into, all_rows in rows.items():
        # A subtree of level 1 comes with every 256 entries, one of level 2 with every 65,536.
        share = len(all_rows) / len(rows["entry"])
        batch = all_rows[round(start * share) : round((start + BATCH_ENTRIES) * share)]
        if batch:
            places = ", ".join("?" * len(batch[0]))
            write.executemany(f"INSERT INTO {into} VALUES ({places})", batch)  # noqa: S608 - ours
    write.execute("COMMIT")
