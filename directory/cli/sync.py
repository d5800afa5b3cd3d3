"""`hearth sync`: follow every member's log now."""

import time
from pathlib import Path

import click
from rich.progress import Progress as Bar

from directory.cli.common import Hearth, command
from directory.cli.following import follow_all, log_line
from federation import Peer, Traffic, WitnessesWanting, publish_log


@click.command()
@command
def sync(hearth: Hearth) -> None:
    """Fetch, verify and apply what is new in every log.

    These are the logs of all members, this node's own included. A running node does it by itself. A
    log whose author does not answer is taken from another member that holds it, verified all the
    same. One that cannot be followed is reported; the others are.
    """
    traffic = Traffic()
    began = time.monotonic()
    with hearth.node() as node, Bar(console=hearth.err, transient=True) as bar:
        peers = [Peer(node, member, traffic) for member in node.others()]
        try:
            publish_log(node, peers)
        except WitnessesWanting as error:
            hearth.err.print(f"{node.name}: {error}")
        logs = follow_all(node, peers, bar)
        for peer in peers:
            peer.close()
    seconds = time.monotonic() - began
    result = {
        "logs": logs,
        "records": sum(int(str(log["applied"])) for log in logs),
        "seconds": round(seconds, 3),
        "requests": traffic.requests,
        "bytes_on_wire": traffic.bytes_received,
        "peak_rss_mb": _peak_rss_mb(),
    }
    lines = [log_line(log) for log in logs]
    text = "\n".join(lines)
    if troubled := [str(log["node"]) for log in logs if log["trouble"]]:
        hearth.fail(
            result,
            text,
            f"{len(troubled)} of {len(logs)} logs cannot be followed: {', '.join(troubled)}. All "
            "that was fetched is kept. Try again later; a running node does so by itself.",
        )
    hearth.answer(result, text)


def _peak_rss_mb() -> float:
    """The most memory that this process has held, in MB.

    Not from getrusage: there, a process begins with what its parent held.
    """
    status = Path("/proc/self/status").read_text("ascii")
    kilobytes = int(status.partition("VmHWM:")[2].split()[0])
    return round(kilobytes / 1024, 1)
