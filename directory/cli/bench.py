"""`hearth bench`: measure, beside the limit, in one run."""

import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import click

from directory.bench.replicate import replicate as measure
from directory.cli.common import Hearth, command


@click.group()
def bench() -> None:
    """Measure this software, beside the machine's limit."""


@bench.command()
@click.option("--records", type=click.IntRange(256), default=100_000, show_default=True)
@command
def replicate(hearth: Hearth, records: int) -> None:
    """Measure how an empty node catches up with another.

    It does so over HTTP; beside it stands the bare insert of the same rows into a database.
    """
    with ExitStack() as stack:
        status = stack.enter_context(hearth.err.status("Founding …"))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hearth-bench-")))
        measured = measure(folder, records, status.update)
    hearth.answer(
        asdict(measured),
        f"{measured.records_per_s:,.0f} records/s verified and searchable; the bare insert does "
        f"{measured.bare_records_per_s:,.0f}; ratio {measured.ratio:.2f}.\n"
        f"{measured.records:,} records of {measured.payload_bytes_mean:,} bytes, "
        f"{measured.requests:,} requests, {measured.bytes_on_wire:,} bytes on the wire, "
        f"at most {measured.peak_rss_mb:,.0f} MB of memory.",
    )
