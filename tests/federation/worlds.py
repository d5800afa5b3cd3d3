"""A small world: nodes under one charter in a folder, each served on this machine.

Everything is real: keys, databases, HTTP. Only the clock can be turned.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
from flask import Flask
from sqlalchemy import insert, select, update

from directory.arriving import receive
from directory.homes.models import quarantine
from directory.homes.projection import project
from directory.homes.query import SearchQuery
from directory.homes.service import search
from directory.security.rights.principal import operator
from federation import (
    FollowedLog,
    Node,
    OwnLog,
    Peer,
    adopt_charter,
    adopt_successor,
    follow,
    followed_logs,
    initialise,
    new_charter_key,
    node_blueprint,
    open_node,
    own_log,
    publish_log,
    reading,
    sequence,
    stage,
    tables,
    writing,
)
from federation.tables import Payload
from protocols.charter import Charter, Member, Rules, sign_charter
from protocols.entries import SALT_SIZE, decode_entry, make_blob
from protocols.kinds import Source
from protocols.merkle import Frontier, leaf_hash
from protocols.note import NoteSigner
from protocols.notices import Child, Contact, Notice, Placement
from protocols.policy import Witness
from protocols.records import Home, encode_record
from tests.databases import Databases
from tests.federation.servers import Site, Tampering

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
WHO = operator("tests")
KENT, LEEDS, DEVON, NORFOLK = "E10000016", "E08000035", "E10000008", "E10000020"
SERVED = {"kent": (KENT,), "leeds": (LEEDS,), "devon": (DEVON,), "norfolk": (NORFOLK,)}
NAMES = {KENT: "Kent", LEEDS: "Leeds", DEVON: "Devon", NORFOLK: "Norfolk"}


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


def true_time() -> datetime:
    return datetime.now(UTC)


@dataclass
class World(AbstractContextManager["World"]):
    """The nodes of a consortium by name, and where each is served."""

    folder: Path
    clock: Callable[[], datetime]
    charter: bytes
    sites: dict[str, Site]
    database: Databases
    holder: NoteSigner
    nodes: dict[str, Node] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def also_close(self, stack: ExitStack) -> None:
        """Close these too, after the nodes."""
        nodes = self._stack.pop_all()
        self._stack.push(stack)
        self._stack.push(nodes)

    @property
    def turn(self) -> Clock:
        """The clock, where it can be turned."""
        assert isinstance(self.clock, Clock)
        return self.clock

    def open(self, name: str, **changes: Any) -> Node:
        """Open a node, or open it again, with parts of it replaced; and serve it."""
        node = self.another(name, **changes)
        self.nodes[name] = node
        self.serve(name, node)
        return node

    def serve(self, name: str, node: Node) -> None:
        """Serve a node at the address of `name`, its own or that of another."""
        self.sites[name].app = Tampering(lambda: application(node), node.now)

    def another(self, name: str, folder: Path | None = None, **changes: Any) -> Node:
        """A node of this name that is not served: the same files again, or others."""
        made = open_node(
            folder or self.folder / name,
            changes.get("project", project),
            changes.get("receive", receive),
            now=changes.get("now", self.clock),
        )
        self._stack.callback(made.close)
        return made

    def copy(self, name: str) -> Path:
        """A copy of a node's folder as it is now: a backup, or a twin to come."""
        self.nodes[name].close()  # lets SQLite bring its write-ahead log home
        to = self.folder / f"{name}-copy-{len(list(self.folder.glob(f'{name}-copy-*')))}"
        shutil.copytree(self.folder / name, to)
        self.database.copy(to)
        return to

    def hostile(self, name: str) -> Tampering:
        """The application that a node is served by, to tamper with its answers."""
        return self.sites[name].app

    def peer(self, reader: str, author: str) -> Peer:
        """`author` as `reader` sees it."""
        peer = Peer(self[reader], self.seen(reader, author))
        self._stack.callback(peer.close)
        return peer

    def member(self, name: str) -> Member:
        return self[name].member

    def seen(self, reader: str, author: str) -> Member:
        """What the charter that `reader` keeps to says of `author`."""
        member = self[reader].charter.member(author)
        assert member
        return member

    def publish(self, author: str, *records: bytes) -> int:
        """Publish records as they are, each a thing of its own."""
        return publish(self[author], *records)

    def publish_homes(self, author: str, *homes: Home) -> int:
        """Publish homes; one of a URN that was published before replaces it."""
        node = self[author]
        with writing(node.node_db) as connection:
            stage(connection, node, ((f"home/{one.urn}", encode_record(one)) for one in homes))
        return _publish(node)

    def successor(self, *members: Member, by: str | None = None, **changes: Any) -> bytes:
        """The next version after that of `by`, or else the first node: with these members, each in
        the place of the one of its name, and these changes.
        """
        held = self.nodes[by or next(iter(self.nodes))].charters.latest
        described = {one.node: one for one in held.charter.members}
        described |= {one.node: one for one in members}
        version = held.charter.version + 1
        usual = {"members": tuple(described.values()), "version": version, "erased": msgspec.UNSET}
        changes = usual | changes
        made = msgspec.structs.replace(held.charter, previous=held.digest, **changes)
        return sign_charter(made, [self.holder])

    def adopt(self, note: bytes, *names: str) -> None:
        """Let these nodes, or all, keep to a successor."""
        for name in names or self.nodes:
            adopt_successor(self[name], note)

    def follow(self, reader: str, author: str) -> int:
        """Let one node follow another's log over HTTP."""
        return follow(self[reader], self.seen(reader, author), self.peer(reader, author))

    def log(self, reader: str, author: str) -> FollowedLog:
        return log_of(self[reader], author)


def application(node: Node) -> Flask:
    """What a node answers other nodes, without the pages, which take ten times as long to make."""
    app = Flask(__name__)
    app.register_blueprint(node_blueprint(node))
    return app


def found(
    folder: Path,
    *names: str,
    clock: Callable[[], datetime] | None = None,
    served: Mapping[str, Sequence[str]] = SERVED,
    urls: Mapping[str, str] | None = None,
    suspended: Iterable[str] = (),
    quota: int = 1_000_000,
    witnesses: Iterable[str] = (),
    rule: str = "all",
    database: Databases | None = None,
) -> World:
    """Found a consortium of these nodes. `urls` says where a node is that nobody serves here.

    `witnesses` are its committee, of whom `rule` (all, any or a number) are the quorum.
    """
    database = database or Databases("sqlite")
    clock = clock or Clock()
    here = [name for name in names if name not in (urls or {})]
    with ExitStack() as stack:
        sites = {name: stack.enter_context(Site()) for name in here}
        places = {name: site.url for name, site in sites.items()} | dict(urls or {})
        made = [
            initialise(
                folder / name, name, places[name], {g: NAMES.get(g, g) for g in served[name]}
            )
            for name in names
        ]
        members = [
            msgspec.structs.replace(m, status="suspended") if m.node in suspended else m
            for m in made
        ]
        holder = new_charter_key("tests/charter")
        policy = committee_of([m for m in members if m.node in witnesses], rule)
        charter = charter_of(members, clock(), quota, holder, policy)
        world = World(folder, clock, charter, sites, database, holder)
        for member in members:
            _settle_in(world, member)
        for name in names:
            if name in here:
                world.open(name)
            else:
                world.nodes[name] = world.another(name)
        world.also_close(stack.pop_all())
    return world


def _settle_in(world: World, member: Member) -> None:
    """What `hearth charter adopt` and the migrations do for a node."""
    folder = world.folder / member.node
    (folder / "member.json").write_bytes(msgspec.json.encode(member))
    adopt_charter(folder, world.charter, world.clock())
    world.database.settle(folder)


def committee_of(witnesses: Sequence[Member], rule: str) -> str:
    """The policy of a committee of these members; empty where there are none."""
    if not witnesses:
        return ""
    lines = [Witness(m.node, m.cosigners[0], m.url).line for m in witnesses]
    lines += [f"group quorum {rule} {' '.join(m.node for m in witnesses)}", "quorum quorum"]
    return "".join(f"{line}\n" for line in lines)


def charter_of(
    members: Sequence[Member],
    now: datetime,
    quota: int = 1_000_000,
    signer: NoteSigner | None = None,
    policy: str = "",
) -> bytes:
    """A charter over these members, by one key; without one, by a key that nobody keeps."""
    signer = signer or new_charter_key("tests/charter")
    vkeys = (signer.verifier.vkey,)
    expires = now + timedelta(days=400)
    rules = Rules(max_entries_per_log=quota)
    return sign_charter(
        Charter(1, "Test", 1, None, expires, tuple(members), (), rules, policy, vkeys), [signer]
    )


def _publish(node: Node) -> int:
    """As a worker does that has asked the other members already."""
    return publish_log(node) if node.charter.committee else sequence(node)


def publish(node: Node, *records: bytes) -> int:
    """Publish records as they are, each a thing of its own; gives how many entries came."""
    with reading(node.node_db) as connection:
        held = own_log(connection)
    first = held.size if held else 0
    with writing(node.node_db) as connection:
        stage(connection, node, ((f"{first + n}", record) for n, record in enumerate(records)))
    return _publish(node)


def append_by_hand(node: Node, *entries: tuple[bytes, bytes | None]) -> None:
    """Put (entry, blob) pairs into a node's own log as they are, and sign: no rule is kept."""
    with writing(node.node_db) as connection:
        row = connection.execute(select(tables.own_log)).one_or_none()
    if row is None:
        sequence(node)
    with writing(node.node_db) as connection:
        row = connection.execute(select(tables.own_log)).one()
        before = Frontier.unpack(row.size, row.frontier)
        after, subtrees = before.extend(leaf_hash(raw) for raw, _ in entries)
        connection.execute(
            insert(tables.own_entry),
            [
                {"log": 1, "idx": at, "raw": raw, "blob": blob, "payload": Payload.HELD}
                for at, (raw, blob) in enumerate(entries, start=before.size)
            ],
        )
        for one in subtrees:
            connection.execute(
                insert(tables.own_subtree).values(
                    log=1, level=one.level, idx=one.index, hash=one.hash
                )
            )
        connection.execute(update(tables.own_log).values(size=after.size, frontier=after.pack()))
    sequence(node)


def erase_at_author(node: Node, index: int) -> None:
    """The author no longer has a payload."""
    with writing(node.node_db) as connection:
        connection.execute(
            update(tables.own_entry).where(tables.own_entry.c.idx == index).values(blob=None)
        )


# --- What is asked of a node ----------------------------------------------------------------------


def log_of(node: Node, author: str) -> FollowedLog:
    """A followed log, as the reader holds it."""
    with reading(node.replica) as connection:
        return next(log for log in followed_logs(connection).values() if log.node == author)


def trouble(node: Node, author: str) -> str | None:
    return log_of(node, author).trouble


def urns(node: Node) -> list[str]:
    """What a search on a node finds, contested claims as often as there are."""
    with reading(node.replica) as connection:
        return sorted(found.record.urn for found in search(connection, SearchQuery()).homes)


def set_aside(node: Node) -> dict[int, str]:
    """Why entries were set aside, by index."""
    with reading(node.replica) as connection:
        rows = connection.execute(select(quarantine.c.entry, quarantine.c.reason))
        return {row.entry: row.reason for row in rows}


def payload_states(node: Node, author: str) -> list[Payload]:
    """Where the payloads of a followed log are, by index."""
    with reading(node.replica) as connection:
        rows = connection.scalars(
            select(tables.entry.c.payload)
            .where(tables.entry.c.log == log_of(node, author).id)
            .order_by(tables.entry.c.idx)
        )
        return [Payload(row) for row in rows]


def records(node: Node, author: str) -> list[bytes]:
    """Every record that a node holds of an author's log, in order."""
    with reading(node.replica) as connection:
        rows = connection.scalars(
            select(tables.entry.c.blob)
            .where(tables.entry.c.log == log_of(node, author).id, tables.entry.c.blob.is_not(None))
            .order_by(tables.entry.c.idx)
        )
        return [row[SALT_SIZE:] for row in rows]


def own_entries(node: Node) -> list[bytes]:
    """Every entry in a node's own log, in order."""
    with reading(node.node_db) as connection:
        return list(
            connection.scalars(select(tables.own_entry.c.raw).order_by(tables.own_entry.c.idx))
        )


def own_checkpoint(node: Node) -> bytes:
    """What a node serves as the latest checkpoint of its log; empty before the first."""
    return OwnLog(node.node_db).checkpoint()


def own_records(node: Node) -> list[bytes]:
    """Every record in a node's own log, in order."""
    blob = tables.own_entry.c.blob
    with reading(node.node_db) as connection:
        rows = connection.scalars(
            select(blob).where(blob.is_not(None)).order_by(tables.own_entry.c.idx)
        )
        return [row[SALT_SIZE:] for row in rows]


# --- What is said ---------------------------------------------------------------------------------


def a_home(urn: str, authority: str = KENT, **known: Any) -> Home:
    """A home of which only what a record needs is known, and what the test says."""
    facts: dict[str, Any] = {
        "urn": urn,
        "authority": authority,
        "provision": "Children's home",
        "sector": "Private",
        "status": "Active",
        "registered_on": date(2019, 6, 3),
        "source": Source("Ofsted's list", date(2025, 3, 31)),
    }
    return Home(**facts | known)


def home_record(urn: str, authority: str = KENT, **known: Any) -> bytes:
    return encode_record(a_home(urn, authority, **known))


def small_records(count: int) -> list[bytes]:
    """Records of a schema that nobody knows: for a log, as good as any."""
    return [b'{"schema":"number/1","number":%d}' % number for number in range(count)]


def blob_of(record: bytes, salt: int = 0) -> bytes:
    return make_blob(salt.to_bytes(SALT_SIZE), record)


def digest_of(raw: bytes, index: int) -> str | None:
    return decode_entry(raw, index).digest


def a_notice(**changes: Any) -> Notice:
    """A notice about nobody."""
    person = Contact("Sam Sample", "Duty social worker", "01632 960101")
    made = Notice(
        child=Child("TEST-1", "Robin", "Sample", date(2012, 4, 9)),
        placement=Placement("children's home", "1 Sample Lane", date(2026, 12, 1)),
        social_worker=person,
        out_of_hours=person,
        reviewing_officer=person,
        legal_status="section 31",
        assessment_of_needs="Needs a steady school.",
        why_most_suitable="Near that school.",
        care_plan="Stays until July.",
    )
    return msgspec.structs.replace(made, **changes)
