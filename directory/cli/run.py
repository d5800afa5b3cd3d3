"""`hearth run`: a node's web server and worker."""

import os
import sys
from typing import Literal

import click

from directory.cli.common import Hearth, command
from directory.node.running.commands import check_address, web_command
from directory.node.running.worker import work
from directory.observing import observe
from directory.settings import read_settings

Part = Literal["web", "worker"]


@click.command()
@click.option("--host", help="Address to listen on. [default: $HEARTH_HOST, or 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    help="Port to listen on. [default: $HEARTH_PORT, or 8400]",
)
@click.option(
    "--only", type=click.Choice(("web", "worker")), help="Run one of the two parts alone."
)
@command
def run(hearth: Hearth, host: str | None, port: int | None, only: Part | None) -> None:
    """Run a node: its web server and its worker, until Ctrl-C.

    The worker publishes, delivers messages and follows the other nodes' logs. Both stop when one
    does. The web server has as many processes as HEARTH_WEB_PROCESSES says, and starts one anew
    that crashes. With --only, one of the two runs alone, for a supervisor such as systemd.
    """
    settings = read_settings()
    os.environ["HEARTH_DATA_DIR"] = str(hearth.data_dir)
    host, port = host or settings.host, port or settings.port
    observe(settings.log_level)
    with hearth.node() as node:  # says what is missing before anything is started
        name = node.name
    if only != "worker":
        check_address(host, port)
    if hearth.as_json:
        hearth.answer({"node": name, "url": f"http://{host}:{port}", "only": only}, "")
    web = web_command(host, port, settings.web_processes)
    if only == "web":
        os.dup2(2, 1)  # granian explains itself on standard output
        os.execv(web[0], web)  # noqa: S606 - our own web server, as this process
    if only is None and not hearth.as_json:
        hearth.err.print(f"Node {name}: http://{host}:{port}/ (Ctrl-C stops it)")
    sys.exit(work(hearth.data_dir, settings.poll_s, () if only else web))
