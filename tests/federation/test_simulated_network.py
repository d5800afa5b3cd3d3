"""A network that loses, repeats, delays, swaps and corrupts, in whatever order it likes.

Three real nodes with real databases, and between them, in the place of HTTP, what hypothesis thinks
of. After every step no node holds anything that its author did not publish; and once the network is
well again all hold the same, and every message has arrived once.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from federation import (
    FederationError,
    Node,
    OwnLog,
    deliver_due,
    dispatches,
    follow,
    own_log,
    queue,
    reading,
    tables,
    writing,
)
from federation.errors import PeerUnreachable
from federation.inbox import receive
from protocols.charter import Member
from protocols.errors import ProtocolError
from protocols.notices import encode_body
from protocols.tiles import Tile
from tests.federation import worlds
from tests.federation.worlds import SERVED, World, a_notice, home_record

NODES = ("devon", "kent", "leeds")
AREA = {name: SERVED[name][0] for name in NODES}
LogFault = Literal["none", "lost", "corrupt", "another's", "old checkpoint", "no payloads"]
Answer = Literal["checkpoint", "tile", "entries", "payloads"]
PostFault = Literal["none", "request lost", "answer lost", "twice", "corrupt there", "corrupt back"]

nodes = st.sampled_from(NODES)
pairs = st.permutations(NODES).map(lambda names: tuple(names[:2]))
# What is corrupt has to strike what is new to do harm, so it is tried more often.
log_faults = st.sampled_from((*get_args(LogFault), "corrupt", "corrupt"))
post_faults = st.sampled_from(get_args(PostFault))
answers = st.sampled_from(get_args(Answer))
bits = st.integers(0, 10_000)


def urn(author: str, number: int) -> str:
    """A home's number that no other node has."""
    return f"{author.upper()}{number}"


def flipped(data: bytes, bit: int) -> bytes:
    """The data with one bit turned over."""
    if not data:
        return b"\x01"
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


@dataclass
class Line:
    """The way to an author's log. The fault strikes every answer of one kind."""

    author: Node
    another: Node
    fault: LogFault
    struck: Answer
    bit: int
    earlier: list[bytes]

    def checkpoint(self) -> bytes:
        if self.fault == "old checkpoint" and self.earlier:
            return self.earlier[self.bit % len(self.earlier)]
        return self._carry("checkpoint", lambda log: log.checkpoint())

    def tile(self, tile: Tile) -> bytes:
        return self._carry("tile", lambda log: log.tile(tile))

    def entries(self, tile: Tile) -> bytes:
        return self._carry("entries", lambda log: log.entries(tile))

    def payloads(self, tile: Tile) -> bytes:
        if self.fault == "no payloads":
            return bytes(4 * tile.width)
        return self._carry("payloads", lambda log: log.payloads(tile))

    def _carry(self, what: Answer, ask: Callable[[OwnLog], bytes]) -> bytes:
        struck = what == self.struck
        if struck and self.fault == "lost":
            raise PeerUnreachable("the answer was lost")
        if struck and self.fault == "another's":
            return ask(OwnLog(self.another.node_db))
        answer = ask(OwnLog(self.author.node_db))
        return flipped(answer, self.bit) if struck and self.fault == "corrupt" else answer


@dataclass
class Postman:
    """The way to a node's inbox."""

    recipient: Node
    sender: Member
    fault: PostFault
    bit: int
    carried: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def member(self) -> Member:
        return self.recipient.member

    def deliver(self, gss: str, sealed: bytes) -> str:
        if self.fault == "request lost":
            raise PeerUnreachable("the message was lost")
        self.carried.append((gss, sealed))
        if self.fault == "corrupt there":
            return receive(self.recipient, gss, self.sender, flipped(sealed, self.bit))
        receipt = receive(self.recipient, gss, self.sender, sealed)
        if self.fault == "answer lost":
            raise PeerUnreachable("the receipt was lost")
        if self.fault == "twice":
            assert receive(self.recipient, gss, self.sender, sealed) == receipt
        if self.fault == "corrupt back":
            return flipped(receipt.encode(), self.bit).decode("latin-1")
        return receipt

    def store_chunk(self, digest: str, chunk: bytes) -> None:
        raise NotImplementedError


class Network(RuleBasedStateMachine):
    """What may happen, one after another."""

    @initialize()
    def found(self) -> None:
        self.folder = TemporaryDirectory()
        urls = {name: f"https://{name}.example" for name in NODES}
        self.world: World = worlds.found(Path(self.folder.name), *NODES, urls=urls)
        for name in NODES:
            self.world.publish(name, home_record(urn(name, 0), AREA[name]))
        self.count = 0
        self.checkpoints: dict[str, list[bytes]] = {name: [] for name in NODES}
        self.sent: dict[str, tuple[str, str]] = {}
        self.carried: list[tuple[str, str, str, bytes]] = []

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.heal()
        finally:
            self.world.__exit__(None, None, None)
            self.folder.cleanup()

    # --- What nodes do ------------------------------------------------------------------------

    @rule(author=nodes, records=st.integers(1, 3))
    def publish(self, author: str, records: int) -> None:
        with reading(self.world[author].node_db) as connection:
            held = own_log(connection)
        if held and held.checkpoint:
            self.checkpoints[author].append(held.checkpoint)
        self.count += records
        names = range(self.count - records, self.count)
        made = [home_record(urn(author, number + 1), AREA[author]) for number in names]
        self.world.publish(author, *made)

    @rule(pair=pairs, fresh=st.integers(0, 3), fault=log_faults, struck=answers, bit=bits)
    def follow(
        self, pair: tuple[str, str], fresh: int, fault: LogFault, struck: Answer, bit: int
    ) -> None:
        reader, author = pair
        if fresh:
            self.publish(author, fresh)
        (another,) = set(NODES) - set(pair)
        line = Line(
            self.world[author], self.world[another], fault, struck, bit, self.checkpoints[author]
        )
        with suppress(FederationError, ProtocolError):
            follow(self.world[reader], self.world.member(author), line)

    @rule(pair=pairs)
    def send(self, pair: tuple[str, str]) -> None:
        sender, recipient = pair
        node = self.world[sender]
        with writing(node.node_db) as connection:
            message = queue(
                connection,
                node,
                sender=AREA[sender],
                recipient=AREA[recipient],
                body=encode_body(a_notice()),
            )
        self.sent[message] = pair

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), fault=post_faults, bit=bits)
    def deliver(self, data: st.DataObject, fault: PostFault, bit: int) -> None:
        sender, recipient = data.draw(st.sampled_from(sorted(set(self.sent.values()))))
        postman = Postman(self.world[recipient], self.world.member(sender), fault, bit)
        deliver_due(self.world[sender], postman)
        self.carried += [(sender, recipient, *one) for one in postman.carried]

    @precondition(lambda self: self.carried)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """What was on the way long ago arrives after all."""
        sender, recipient, gss, sealed = data.draw(st.sampled_from(self.carried))
        receive(self.world[recipient], gss, self.world.member(sender), sealed)

    @rule(minutes=st.integers(1, 60))
    def wait(self, minutes: int) -> None:
        self.world.turn.forward(minutes=minutes)

    # --- What always holds --------------------------------------------------------------------

    @invariant()
    def nobody_holds_what_its_author_did_not_publish(self) -> None:
        for author in NODES:
            theirs = entries(self.world[author], author, own=True)
            for reader in set(NODES) - {author}:
                for index, (raw, blob) in entries(self.world[reader], author).items():
                    assert raw == theirs[index][0]
                    assert blob in (None, theirs[index][1])

    @invariant()
    def no_message_is_stored_twice_or_for_nobody(self) -> None:
        for message, pair in self.inboxes():
            assert self.sent[message] == pair

    def inboxes(self) -> list[tuple[str, tuple[str, str]]]:
        """Every message that is stored, with who sent it and who has it."""
        of = {gss: name for name, gss in AREA.items()}
        found = []
        for name in NODES:
            with reading(self.world[name].node_db) as connection:
                rows = connection.execute(select(tables.inbox.c.id, tables.inbox.c.sender))
                found += [(row.id, (of[row.sender], name)) for row in rows]
        assert len(found) == len({message for message, _ in found})
        return found

    # --- When the network is well again -------------------------------------------------------

    def heal(self) -> None:
        """All hold the same, every payload included; every message has arrived and is known to."""
        self.world.turn.forward(hours=1)
        for reader in NODES:
            for author in set(NODES) - {reader}:
                source = OwnLog(self.world[author].node_db)
                follow(self.world[reader], self.world.member(author), source)
                ours = entries(self.world[reader], author)
                assert ours == entries(self.world[author], author, own=True)
        for sender, recipient in set(self.sent.values()):
            postman = Postman(self.world[recipient], self.world.member(sender), "none", 0)
            deliver_due(self.world[sender], postman)
        assert sorted(self.inboxes()) == sorted(self.sent.items())
        for name in NODES:
            with reading(self.world[name].node_db) as connection:
                assert {one.state for one in dispatches(connection).values()} <= {"stored"}


def entries(node: Node, author: str, *, own: bool = False) -> dict[int, tuple[bytes, bytes | None]]:
    """Entries of an author's log with their payloads: as the author has them, or as held."""
    entry, log = (tables.own_entry, tables.own_log) if own else (tables.entry, tables.log)
    with reading(node.node_db if own else node.replica) as connection:
        rows = connection.execute(
            select(entry.c.idx, entry.c.raw, entry.c.blob)
            .join(log, log.c.id == entry.c.log)
            .where(log.c.node == author)
        )
        return {row.idx: (row.raw, row.blob) for row in rows}


QUICK = settings(
    max_examples=6,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_whatever_the_network_does_nothing_false_is_held_and_nothing_true_is_lost() -> None:
    run_state_machine_as_test(Network, settings=QUICK)
