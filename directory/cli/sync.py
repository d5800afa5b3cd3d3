"""`hearth sync`: follow every member's log now."""

import time
from pathlib import Path

import click
from rich.progress import Progress as Bar

from directory.cli.common import Hearth, command
from federation import (
    FederationError,
    OwnLog,
    Peer,
    Progress,
    Traffic,
    follow_anywhere,
    mirrors_of,
    sequence,
)
from protocols.charter import Member
from protocols.errors import ProtocolError


@click.command()
@command
def sync(hearth: Hearth) -> None:
    """Fetch, verify and apply what is new in every log.

    These are the logs of all members, this node's own included. A running node does it by itself. A
    log whose author does not answer is taken from another member that holds it, verified all the
    same. One that cannot be followed is reported; the others are.
    """
    traffic = Traffic()
    logs: list[dict[str, object]] = []
    began = time.monotonic()
    with hearth.node() as node, Bar(console=hearth.err, transient=True) as bar:
        sequence(node)
        peers = {member.node: Peer(node, member, traffic) for member in node.others()}
        for member in (node.member, *node.others()):
            task = bar.add_task(member.node, total=None)
            own = member == node.member
            author = OwnLog(node.node_db) if own else peers[member.node]
            mirrors = [] if own else mirrors_of(member.node, peers.values())

            def report(progress: Progress, task=task) -> None:  # type: ignore[no-untyped-def]
                bar.update(task, completed=progress.size, total=progress.target)

            try:
                came = follow_anywhere(node, member, author, mirrors, report)
                logs.append(_log(member, came.applied, mirrored=came.author_trouble))
            except (FederationError, ProtocolError) as error:
                logs.append(_log(member, 0, trouble=str(error)))
        for peer in peers.values():
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
    lines = [_line(log) for log in logs]
    text = "\n".join(lines)
    if troubled := [str(log["node"]) for log in logs if log["trouble"]]:
        hearth.fail(
            result,
            text,
            f"{len(troubled)} of {len(logs)} logs cannot be followed: {', '.join(troubled)}. All "
            "that was fetched is kept. Try again later; a running node does so by itself.",
        )
    hearth.answer(result, text)


def _log(
    member: Member, applied: int, *, mirrored: str | None = None, trouble: str | None = None
) -> dict[str, object]:
    return {"node": member.node, "applied": applied, "mirrored": mirrored, "trouble": trouble}


def _line(log: dict[str, object]) -> str:
    came = f"{log['applied']} new entries"
    if log["mirrored"]:
        came += f", from another member that holds this log: {log['mirrored']}"
    return f"{log['node']}: {log['trouble'] or came}"


def _peak_rss_mb() -> float:
    """The most memory that this process has held, in MB.

    Not from getrusage: there, a process begins with what its parent held.
    """
    status = Path("/proc/self/status").read_text("ascii")
    kilobytes = int(status.partition("VmHWM:")[2].split()[0])
    return round(kilobytes / 1024, 1)
