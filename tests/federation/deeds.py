"""What the processes of tests do: each opens a node of its own and does one thing."""

from contextlib import suppress
from pathlib import Path
from threading import Event

from werkzeug.serving import make_server

import federation.fetching
import federation.sequencer
from directory.app import create_app
from directory.homes.projection import project
from directory.notices.service import receive
from federation import (
    Node,
    Peer,
    Progress,
    follow,
    followed_logs,
    open_node,
    reading,
    sequence,
    stage,
    writing,
)
from federation.errors import Overtaken
from tests.federation.servers import Quiet


def opened(folder: Path) -> Node:
    return open_node(folder, project, receive)


def publish_staged(folder: Path, batch: int) -> None:
    """Publish what is staged, in small batches."""
    federation.sequencer.BATCH = batch
    node = opened(folder)
    sequence(node)
    node.close()


def stage_and_publish(folder: Path, name: str, times: int, at_once: int) -> None:
    """Hand in records, and publish them, again and again."""
    node = opened(folder)
    for time in range(times):
        with writing(node.node_db) as connection:
            stage(
                connection,
                node,
                (
                    (f"{name}/{time}/{n}", b"%s/%d/%d" % (name.encode(), time, n))
                    for n in range(at_once)
                ),
            )
        sequence(node)
    node.close()


def follow_others(folder: Path, pause: float) -> None:
    """Follow every other member's log, in small batches and without haste."""
    federation.fetching.BATCH_TILES = 1
    node = opened(folder)

    def rest(_: Progress) -> None:
        Event().wait(pause)

    for member in node.others():
        peer = Peer(node, member)
        follow(node, member, peer, rest)
        peer.close()
    node.close()


def follow_until(folder: Path, size: int) -> None:
    """Follow until so many entries of every log are held, whoever else follows them too."""
    federation.fetching.BATCH_TILES = 1
    node = opened(folder)
    for member in node.others():
        peer = Peer(node, member)
        while _held(node, member.node) < size:
            with suppress(Overtaken):
                follow(node, member, peer)
        peer.close()
    node.close()


def serve(folder: Path, port: int) -> None:
    """Serve a node at this port for ever."""
    app = create_app(opened(folder))
    make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet).serve_forever()


def _held(node: Node, author: str) -> int:
    with reading(node.replica) as connection:
        sizes = [log.size for log in followed_logs(connection).values() if log.node == author]
    return sum(sizes)
