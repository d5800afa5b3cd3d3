"""What was handed in, sent and erased, written down outside of the nodes; and whether they hold it.

Each home has a word of its own in its name, so that a byte search finds it wherever it still is.
"""

import random
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import select

from directory.homes.query import SearchQuery
from directory.homes.service import search
from directory.notices.received import received
from directory.notices.sent import send_notice
from federation import (
    Node,
    audit_logs,
    confirmations,
    dispatches,
    own_erasures,
    reading,
    receipt_of,
    staged_references,
    tables,
    writing,
)
from protocols.checkpoint import open_checkpoint
from protocols.merkle import Frontier, leaf_hash
from protocols.policy import require_quorum
from protocols.records import Home, encode_record
from tests.federation.deeds import hand_in
from tests.federation.worlds import (
    SERVED,
    WHO,
    World,
    a_home,
    a_notice,
    own_checkpoint,
    own_entries,
    own_records,
    records,
    trouble,
)

Told: TypeAlias = Sequence[tuple[str, bytes]]
"""Records with their references."""


def word_of(urn: str) -> str:
    return "".join(random.Random(urn).choices("bcdfghjkl", k=16))


def sizes_of_one_log(node: Node, seen: Iterable[bytes]) -> list[int]:
    """The sizes of a node's checkpoints that were seen, each a prefix of its log as it is now."""
    entries, member, frontier = own_entries(node), node.member, Frontier()
    opened = [open_checkpoint(note, member.origin, member.log_verifiers) for note in seen]
    opened.sort(key=lambda checkpoint: checkpoint.size)
    for checkpoint in opened:
        frontier, _ = frontier.extend(map(leaf_hash, entries[frontier.size : checkpoint.size]))
        assert (frontier.size, frontier.root()) == (checkpoint.size, checkpoint.root)
    return [checkpoint.size for checkpoint in opened]


@dataclass
class Ledger:
    """The test's own account of a world."""

    world: World
    homes: dict[str, list[Home]] = field(default_factory=dict)
    messages: dict[str, tuple[str, str]] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    checkpoints: dict[str, set[bytes]] = field(default_factory=dict)
    _certain: int = 0

    # --- What is done, and written down -------------------------------------------------------

    def hand_in(
        self, author: str, count: int, command: Callable[[Told], bool] | None = None
    ) -> None:
        """Hand so many homes in, or let a command do so, which says whether it was killed: then all
        of them are there, or none is and it is run again.
        """
        homes, node = self.homes.setdefault(author, []), self.world[author]
        urns = [f"{author[0].upper()}{len(homes) + n:05}" for n in range(count)]
        fresh = [a_home(u, SERVED[author][0], name=f"{word_of(u)} House") for u in urns]
        told = [(f"home/{one.urn}", encode_record(one)) for one in fresh]
        if command is None:
            hand_in(node, told)
        else:
            while command(told) and not self._are_there(node, told):
                pass
        homes += fresh

    def _are_there(self, node: Node, told: Told) -> bool:
        with reading(node.node_db) as connection:
            waiting = staged_references(connection)
        published = set(own_records(node))
        there = [reference in waiting or record in published for reference, record in told]
        assert all(there) or not any(there)
        return all(there)

    def send(self, sender: str, recipient: str) -> None:
        """Queue a notice."""
        node, (placing,), (area,) = self.world[sender], SERVED[sender], SERVED[recipient]
        with writing(node.node_db) as connection:
            message = send_notice(connection, node, WHO, a_notice(), placing=placing, area=area)
        self.messages[message] = sender, recipient

    def look(self) -> None:
        """Write down which checkpoint each node shows."""
        for name, node in self.world.nodes.items():
            self.checkpoints.setdefault(name, set()).add(own_checkpoint(node))

    def kept(self, author: str) -> list[Home]:
        """An author's homes that were not erased, in the order in which they were handed in."""
        return [home for home in self.homes.get(author, ()) if home.urn not in self.erased]

    def published(self, author: str) -> list[str]:
        """Of these, the URNs of those that are entries of its log by now."""
        held = set(own_records(self.world[author]))
        return [home.urn for home in self.kept(author) if encode_record(home) in held]

    # --- What nodes hold ----------------------------------------------------------------------

    def is_held(self, reader: str, author: str) -> bool:
        """Whether a node holds exactly what an author has published and not erased, each once."""
        try:
            held = records(self.world[reader], author)
        except StopIteration:
            return False
        return held == [encode_record(home) for home in self.kept(author)]

    def latest(self, sender: str, recipient: str) -> str:
        """The message that a node sent to another last."""
        return next(
            message
            for message, pair in reversed(self.messages.items())
            if pair == (sender, recipient)
        )

    def arrived(self, sender: str, recipient: str) -> bool:
        """Whether a node has the latest message that another sent to it."""
        mine = tables.inbox.c.id == self.latest(sender, recipient)
        with reading(self.world[recipient].node_db) as connection:
            return connection.scalar(select(tables.inbox.c.id).where(mine)) is not None

    def why_it_waits(self, sender: str, recipient: str) -> str | None:
        """What a node knows of why its latest message to another did not arrive."""
        latest = self.latest(sender, recipient)
        with reading(self.world[sender].node_db) as connection:
            return dispatches(connection, [latest])[latest].problem

    def is_settled(self) -> bool:
        """Whether every node holds everything, and every sender and every eraser knows."""
        self.look()
        return all(
            self.is_held(reader, author) and trouble(node, author) is None
            for reader, node in self.world.nodes.items()
            for author in self.world.nodes
        ) and all(self._is_answered(node) for node in self.world.nodes.values())

    def _is_answered(self, node: Node) -> bool:
        with reading(node.node_db) as connection:
            if {one.state for one in dispatches(connection).values()} - {"stored"}:
                return False
            return all(
                confirmations(connection, one.index).keys() == self.world.nodes.keys()
                for one in own_erasures(connection)
            )

    # --- What must hold -----------------------------------------------------------------------

    def check(self) -> None:
        """Once settled: everything is there once, and what was erased nowhere."""
        for name, node in self.world.nodes.items():
            self._check_messages(name, node)
            assert own_records(node) == [encode_record(home) for home in self.kept(name)]
            every = sum(len(self.kept(author)) for author in self.world.nodes)
            with reading(node.replica) as connection:
                found = search(connection, SearchQuery(words="House"))
            assert found.total == found.urns == every
            assert self.left_of_erased(node) == set()
            assert {one.problem for one in audit_logs(node)} == {None}
            seen = self.checkpoints[name] - {b""}
            assert sizes_of_one_log(node, seen)
            for note in seen:
                require_quorum(note, node.charter.committee)
        self._certain = len(self.messages)

    def _check_messages(self, name: str, node: Node) -> None:
        """Each message is there in one row, and has one receipt; receipts are verified once."""
        mine = sorted(one for one, (_, recipient) in self.messages.items() if recipient == name)
        with reading(node.node_db) as connection:
            rows = connection.scalars(select(tables.inbox.c.id)).all()
            notices = [one.id for one in received(connection, WHO, SERVED[name][0])]
            assert sorted(rows) == sorted(notices) == mine
            for message, (sender, _) in list(self.messages.items())[self._certain :]:
                if sender == name:
                    receipt = receipt_of(connection, node, message)
                    assert receipt is not None
                    assert receipt.outcome == "stored"

    def left_of_erased(self, node: Node) -> set[str]:
        """The erased homes of which a word still stands in a file of a node.

        Another process reads the files: closing one that SQLite has open here would end its locks
        (https://www.sqlite.org/howtocorrupt.html section 2.2).
        """
        every = [*node.folder.rglob("*"), *self.world.database.raw(node.folder)]
        found = subprocess.run(
            ["grep", "-ahoiE", "[bcdfghjkl]{8,}", *filter(Path.is_file, every)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a file may be gone meanwhile
            env={"LC_ALL": "C"},
            check=False,
        ).stdout.lower()
        return {urn for urn in self.erased if word_of(urn)[3:].encode() in found}
