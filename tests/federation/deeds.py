"""What the processes of tests do: each opens a node of its own and does one thing."""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import Engine, event
from werkzeug.serving import make_server

import federation.fetching
import federation.outbox
import federation.sequencer
from directory.arriving import receive
from directory.database import migrate
from directory.homes.projection import project
from directory.records.publishing.errors import NoSuchRecord
from directory.records.publishing.recovering import Publications
from directory.records.publishing.withdrawing import erase_record
from directory.security.rights.principal import operator
from federation import (
    Dispatch,
    Node,
    Peer,
    deliver_due,
    dispatches,
    finish_erasure,
    follow,
    followed_logs,
    open_node,
    reading,
    recover,
    sequence,
    stage,
    writing,
)
from federation.errors import Overtaken
from protocols.checkpoint import Checkpoint
from protocols.note import NoteSigner
from tests.federation.servers import Quiet
from tests.federation.worlds import application


def opened(folder: Path) -> Node:
    return open_node(folder, project, receive)


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


def publish_and_tell(folder: Path, name: str, times: int, told: Path) -> None:
    """Publish again and again, and tell of every checkpoint before it is signed."""
    federation.sequencer.BATCH = 3
    sign = federation.sequencer.sign_checkpoint

    def sign_and_tell(checkpoint: Checkpoint, signer: NoteSigner) -> bytes:
        with told.open("ab", buffering=0) as file:
            file.write(f"{checkpoint.size} {checkpoint.root.hex()}\n".encode())
        return sign(checkpoint, signer)

    with patch.object(federation.sequencer, "sign_checkpoint", sign_and_tell):
        stage_and_publish(folder, name, times, at_once=5)


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


def hand_in(node: Node, records: Sequence[tuple[str, bytes]]) -> None:
    """Stage records, each with its reference, in one transaction."""
    with writing(node.node_db) as connection:
        stage(connection, node, records)


def erase_home(node: Node, urn: str) -> None:
    """Erase a home as an officer does, unless it is gone already."""
    with suppress(NoSuchRecord):
        with writing(node.node_db) as connection:
            named = erase_record(connection, node, operator("tests"), f"home/{urn}", "A street")
        finish_erasure(node, named)


def recover_log(folder: Path) -> None:
    """Read our own log back, a bundle at a time, and publish what waits."""
    federation.fetching.BATCH_TILES = 1
    node = opened(folder)
    peers = [Peer(node, member) for member in node.others()]
    recover(node, peers, Publications())
    sequence(node)
    node.close()


def deliver_all(folder: Path) -> None:
    """Deliver what waits until nothing does, whoever is away meanwhile."""
    federation.outbox.FIRST_RETRY_S = federation.outbox.LONGEST_RETRY_S = 0.05
    node = opened(folder)
    peers = [Peer(node, member) for member in node.others()]
    while due := {one.recipient for one in _dispatches(node) if one.state == "waiting"}:
        for peer in peers:
            if peer.member.area & due:
                deliver_due(node, peer)
    for peer in peers:
        peer.close()
    node.close()


def serve(folder: Path, port: int) -> None:
    """Serve a node at this port for ever."""
    app = application(opened(folder))
    make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet).serve_forever()


def _dispatches(node: Node) -> list[Dispatch]:
    with reading(node.node_db) as connection:
        return list(dispatches(connection).values())


def _held(node: Node, author: str) -> int:
    with reading(node.replica) as connection:
        sizes = [log.size for log in followed_logs(connection).values() if log.node == author]
    return sum(sizes)


def migrate_until(folder: Path, statements: int) -> None:
    """Bring the databases up to date, and die at once after so many statements that change one."""
    counted = count(1)

    def die(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        changes = statement.lstrip().split()[0] in ("CREATE", "ALTER", "INSERT", "UPDATE", "DELETE")
        if changes and next(counted) == statements:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", die)
    migrate(folder)
