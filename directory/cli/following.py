"""Following every log once, with a bar for each: what `sync` and `recover` do alike."""

from collections.abc import Sequence

from rich.progress import Progress as Bar

from federation import (
    FederationError,
    Node,
    OwnLog,
    Peer,
    Progress,
    follow_anywhere,
    mirrors_of,
)
from protocols.charter import Member
from protocols.errors import ProtocolError


def follow_all(node: Node, peers: Sequence[Peer], bar: Bar) -> list[dict[str, object]]:
    """Follow our own log and every peer's, from mirrors where an author fails.

    Says of each how many entries were applied, why it was `mirrored`, and what `trouble` there is.
    """
    logs = [_follow(node, node.member, None, peers, bar)]
    return logs + [_follow(node, peer.member, peer, peers, bar) for peer in peers]


def log_line(log: dict[str, object]) -> str:
    """The same for people."""
    came = f"{log['applied']} new entries"
    if log["mirrored"]:
        came += f", from another member that holds this log: {log['mirrored']}"
    return f"{log['node']}: {log['trouble'] or came}"


def _follow(
    node: Node, member: Member, author: Peer | None, peers: Sequence[Peer], bar: Bar
) -> dict[str, object]:
    task = bar.add_task(member.node, total=None)

    def report(progress: Progress) -> None:
        bar.update(task, completed=progress.size, total=progress.target)

    said: dict[str, object] = {
        "node": member.node,
        "applied": 0,
        "mirrored": None,
        "trouble": None,
    }
    mirrors = mirrors_of(member.node, peers) if author else []
    try:
        came = follow_anywhere(node, member, author or OwnLog(node.node_db), mirrors, report)
        said |= {"applied": came.applied, "mirrored": came.author_trouble}
    except (FederationError, ProtocolError) as error:
        said["trouble"] = str(error)
    return said
