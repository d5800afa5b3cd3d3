"""`hearth demo`: a whole consortium on this machine."""

import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import click
from rich.status import Status

from directory.cli.common import Hearth, command
from directory.demo.consortium import (
    LOOPBACK,
    Site,
    found,
    free_ports,
    nine_regions,
    open_all,
    three_authorities,
)
from directory.demo.people import LOOK_AT, Pass, draw_pass, people_of
from directory.demo.processes import Processes
from directory.demo.trial import (
    Outcome,
    compare_searches,
    converge,
    exchange_notice,
    hand_out,
    people_it,
    publish_own,
)
from directory.node.running.commands import check_address
from directory.records.ofsted.reading import read_list
from directory.records.ofsted.registrations import OfstedList
from federation import Node

FIRST_PORT = 8401


@click.command()
@click.option("--regions", is_flag=True, help="Nine nodes, one per English region.")
@click.option(
    "--ofsted",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Ofsted's list to publish, each node its own area. [default: sample homes]",
)
@click.option("--once", is_flag=True, help="Stop when all is checked.")
@click.option(
    "--port",
    type=click.IntRange(1, 65_500),
    default=FIRST_PORT,
    help="First port. [default: 8401; with --once, ports that are free]",
)
@click.option("--kill", metavar="NODE", help="A drill: this node dies before it publishes.")
@command
def demo(
    hearth: Hearth, regions: bool, ofsted: Path | None, once: bool, port: int, kill: str | None
) -> None:
    """Start a whole consortium on this machine.

    Three authorities' nodes with sample homes, unless --regions or --ofsted say otherwise. Every
    node is its own processes, keys and databases. Each publishes its own homes in its signed
    log; all verify all; the same searches must agree; a notice goes there and back. Then the pages
    are there to click through, until Ctrl-C. --data-dir keeps the nodes; otherwise they are
    removed at the end.
    """
    served = nine_regions() if regions else three_authorities()
    if kill and kill not in served:
        raise click.UsageError(f"--kill: there is no node {kill}; there are {', '.join(served)}.")
    ports = free_ports(len(served)) if once else [port + number for number in range(len(served))]
    for one in ports:
        check_address(LOOPBACK, one)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        folder = _folder(hearth, stack)
        status = stack.enter_context(hearth.err.status("Founding the consortium …"))
        listed = read_list(ofsted) if ofsted else None
        sites = found(folder, served, ports)
        processes = stack.enter_context(Processes(sites))
        nodes = open_all(stack, sites)
        pass_ = draw_pass()
        outcome = _try(nodes, sites, processes, listed, kill, status, pass_)
        status.stop()
        if not once:
            _keep_running(hearth, sites, processes, outcome, pass_)
    result = asdict(outcome) | {"held": outcome.held}
    if not outcome.held:
        hearth.fail(
            result, _told(outcome), "Not everything that was tried has come true; see above."
        )
    hearth.answer(result, _told(outcome))


def _folder(hearth: Hearth, stack: ExitStack) -> Path:
    context = click.get_current_context()
    if context.params.get("data_dir"):
        return hearth.data_dir
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hearth-demo-")))


def _try(
    nodes: Mapping[str, Node],
    sites: list[Site],
    processes: Processes,
    listed: OfstedList | None,
    kill: str | None,
    status: Status,
    pass_: Pass,
) -> Outcome:
    status.update(f"Starting {len(sites)} nodes …")
    processes.wait_ready()
    if kill:
        processes.kill(kill)
    outcome = Outcome(nodes=len(sites))
    status.update("Publishing …")
    if listed:
        for site in sites:
            hand_out(nodes[site.name], site, listed)
    began = time.monotonic()
    for site in sites:
        done = publish_own(nodes[site.name], site, samples=listed is None)
        outcome.homes_expected += done.homes
    converge(nodes, processes, outcome, began, status.update)
    status.update("Searching on every node …")
    outcome.searches_agree = compare_searches(nodes)
    status.update("Sending a notice and waiting for its acknowledgement …")
    alive = [site for site in sites if site.name in processes.living()]
    exchange_notice(nodes, alive, outcome)
    status.update("Filling the pages with examples …")
    outcome.examples_made = people_it(nodes, alive, pass_, samples=listed is None)
    return outcome


def _told(outcome: Outcome) -> str:
    """The outcome for people."""
    held = ", ".join(f"{name} {homes:,}" for name, homes in outcome.homes_per_node.items())
    dead = f"Ended: {', '.join(outcome.dead_nodes)}." if outcome.dead_nodes else "All are alive."
    answers = {
        "The same searches give the same homes everywhere": outcome.searches_agree,
        "A notice was delivered, and its receipt verifies": outcome.receipt_verified,
        "It was read and acknowledged": outcome.notice_acknowledged,
        "The pages are filled with examples": outcome.examples_made,
    }
    return "\n".join(
        [
            f"{outcome.nodes} nodes. {dead}",
            f"Homes published by all together: {outcome.homes_expected:,}. Held by each: {held}.",
            f"{outcome.records_total:,} records were everywhere after {outcome.converge_s:.1f} s.",
            *(f"{question}: {'yes' if yes else 'NO'}." for question, yes in answers.items()),
        ]
    )


def _keep_running(
    hearth: Hearth, sites: list[Site], processes: Processes, outcome: Outcome, pass_: Pass
) -> None:
    homes = f"{outcome.homes_expected:,} homes" + ("" if outcome.held else " (NOT all well)")
    hearth.err.print(f"{len(sites)} nodes with {homes}. Click through them:")
    for site in sites:
        served = site.authorities[0].name if len(site.authorities) == 1 else site.name
        hearth.err.print(f"  {site.url}/homes   {served}")
    _say_who_may_sign_in(hearth, sites[0], pass_)
    hearth.err.print("Ctrl-C stops every process.")
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    while not stop.wait(1.0):
        if len(processes.living()) < len(sites):
            hearth.err.print("A node's process has ended; see node.log in its folder.")
            break


def _say_who_may_sign_in(hearth: Hearth, site: Site, pass_: Pass) -> None:
    hearth.err.print("All that you see is made up. Sign in as one of these people of each node:")
    for role, address in people_of(site):
        hearth.err.print(f"  {address}   {role}", highlight=False)
        hearth.err.print(f"    {LOOK_AT[role]}", soft_wrap=True, highlight=False)
    hearth.err.print(f"Password: {pass_.password}", soft_wrap=True)
    hearth.err.print(f"Codes, each once for each of them: {'  '.join(pass_.codes)}", soft_wrap=True)
