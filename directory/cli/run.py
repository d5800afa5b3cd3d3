"""`hearth run`: a node's web server and worker."""

import os
import signal
import subprocess
import sys
from typing import Literal

import click

from directory.cli.common import Hearth, command
from directory.observing import observe
from directory.running.web import serve
from directory.running.worker import work
from directory.settings import read_settings

Part = Literal["web", "worker"]
_PARTS: tuple[Part, ...] = ("web", "worker")


@click.command()
@click.option("--host", help="Address to listen on. [default: $HEARTH_HOST, or 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on. [default: $HEARTH_PORT, or 8400]")
@click.option("--only", type=click.Choice(_PARTS), help="Run one of the two processes alone.")
@command
def run(hearth: Hearth, host: str | None, port: int | None, only: Part | None) -> None:
    """Run a node: a web server, and a worker that publishes, delivers and follows.

    Without --only, both are started, and both stop when one does.
    """
    settings = read_settings()
    os.environ["HEARTH_DATA_DIR"] = str(hearth.data_dir)
    host, port = host or settings.host, port or settings.port
    observe(settings.log_level)
    if only == "web":
        serve(hearth.data_dir, host, port)
    elif only == "worker":
        work(hearth.data_dir, settings.poll_s)
    else:
        with hearth.node() as node:
            hearth.err.print(f"Node {node.name}: http://{host}:{port}/ (Ctrl-C stops it)")
        sys.exit(_both(["--data-dir", str(hearth.data_dir), "--host", host, "--port", str(port)]))


def _both(options: list[str]) -> int:
    """Run both parts until one ends or we are told to stop; gives the exit status."""
    me = [sys.executable, "-m", "directory.cli", "run", *options, "--only"]
    parts = [subprocess.Popen([*me, part]) for part in _PARTS]
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: _stop(parts, told, number))
    signal.signal(signal.SIGINT, lambda number, _frame: _stop(parts, told, number))
    os.wait()
    _stop(parts, [], signal.SIGTERM)
    statuses = [part.wait() for part in parts]
    return 0 if told else max(1, *statuses)


def _stop(parts: list[subprocess.Popen[bytes]], told: list[int], number: int) -> None:
    told.append(number)
    for part in parts:
        if part.poll() is None:
            part.terminate()
