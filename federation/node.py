"""A node: a data directory with keys, two databases and the charter that it keeps to.

DIR/member.json   who this node is, for the charter
DIR/charter.note  the charter: the founding one, and each successor after it
DIR/keys/         private keys and high-water mark
DIR/node.db       own log, outbox and inbox, casework: durable
DIR/replica.db    all logs, own included, and search tables: can be rebuilt
DIR/database.url  instead of these two: the PostgreSQL database that holds both
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TypeAlias
from urllib.parse import urlsplit

import msgspec
from msgspec.json import Decoder
from sqlalchemy import Connection, Engine, select

from federation.charter.chain import Charters
from federation.database import KEPT, open_database, reading
from federation.errors import (
    AlreadyInitialised,
    NoSuchMember,
    NotInitialised,
    UnsafeKeys,
    UnusableDatabase,
)
from federation.high_water import HighWater
from federation.keystore import NODE, KeyStore, write_private
from federation.store import FollowedLog
from federation.tables import own_log
from protocols.charter import Charter, Key, Member, ServedAuthority
from protocols.encoding import decode_json
from protocols.following import VerifiedEntry
from protocols.keys import AUTHORITY_PURPOSES, NODE_PURPOSES, PrivateKey, PublicKey, Purpose
from protocols.messages import Message
from protocols.note import NoteSigner

_member = Decoder(Member)

CHARTER = "charter.note"

Project: TypeAlias = Callable[[Connection, FollowedLog, Member, Sequence[VerifiedEntry]], None]
"""Applies verified entries to the search tables, in the transaction that stores them."""
Receive: TypeAlias = Callable[[Connection, "Node", Message, datetime], None]
"""Stores a verified message that came to a node at a time, in the transaction of its receipt."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Node:
    """An open node. `project` and `receive` say what verified records and messages mean.

    `ca_bundle` holds the certificate authorities that may vouch for peers, instead of the public.
    """

    folder: Path
    name: str
    charters: Charters
    keys: KeyStore
    node_db: Engine
    replica: Engine
    project: Project
    receive: Receive
    now: Callable[[], datetime] = field(default=_now)
    ca_bundle: Path | None = None
    compared: Event = field(default_factory=Event)
    """Set once the charter's witnesses have confirmed, to this process, where our log stands."""

    @property
    def charter(self) -> Charter:
        """The charter that counts now; another one as soon as any process has adopted it."""
        return self.charters.latest.charter

    @property
    def member(self) -> Member:
        """What the charter says of this node."""
        member = self.charter.member(self.name)
        if member is None:  # no successor leaves a member out
            raise NoSuchMember(f"the charter does not name the node {self.name}")
        return member

    def log_signers(self, size: int) -> list[NoteSigner]:
        """Sign this node's checkpoint of such a size: all that the charter names and we hold."""
        held = {key.public: key for key in self.keys.keys(NODE, Purpose.LOG)}
        member = self.member
        return [
            NoteSigner(member.origin, held[one.key])
            for one in member.log_keys
            if one.until is None and one.since <= size and one.key in held
        ]

    def high_water(self) -> HighWater | None:
        """How far our log is known to have been signed, by keys that may sign it now, and by the
        charter; None if it never was. Raises UnsafeKeys.
        """
        known = [HighWater(*pin) for pin in self.member.pins]
        if mark := self.keys.high_water(self._signing):
            known.append(mark)
        return max(known, key=lambda mark: mark.size, default=None)

    def raise_high_water(self, mark: HighWater) -> None:
        """Note, durably, that `mark` is about to be signed; raises ForkRefused, UnsafeKeys."""
        self.keys.raise_high_water(mark, self._signing)

    @property
    def _signing(self) -> list[PublicKey]:
        return [key.key for key in self.member.log_keys if key.until is None]

    def access_key(self) -> PrivateKey:
        """The key that says who we are; the first that is named, which every peer knows."""
        return first_held(
            self.member.keys_for(Purpose.ACCESS), self.keys.keys(NODE, Purpose.ACCESS)
        )

    def signing_key(self, gss: str) -> PrivateKey:
        """The key that signs what a served authority says; the first that is named."""
        named = self.charter.authority_keys(gss, Purpose.SIGNING).values()
        return first_held(named, self.keys.keys(gss, Purpose.SIGNING))

    def others(self) -> list[Member]:
        """The other active members."""
        return [m for m in self.charter.members if m.node != self.name and m.status == "active"]

    def close(self) -> None:
        """Let go of both databases."""
        self.node_db.dispose()
        self.replica.dispose()


def first_held(named: Iterable[PublicKey], held: Iterable[PrivateKey]) -> PrivateKey:
    """Of the keys that a charter names, the first that we hold. Raises UnsafeKeys."""
    ours = {key.public: key for key in held}
    for key in named:
        if key in ours:
            return ours[key]
    raise UnsafeKeys("none of the keys that the charter names is in keys/: restore the key backup")


def initialise(folder: Path, name: str, url: str, authorities: Mapping[str, str]) -> Member:
    """Make a node's keys and write down who it is.

    `url` is the base address at which others reach it; `authorities` maps GSS codes to names.
    Raises AlreadyInitialised, or Malformed when a name or the address has no acceptable form.
    """
    if (folder / "member.json").exists():
        raise AlreadyInitialised(f"{folder} holds a node already; choose an empty directory")
    parts = urlsplit(url)
    origin = f"{parts.netloc}{parts.path.rstrip('/')}/log"
    draft = Member(name, url.rstrip("/"), origin, "active", (), ())
    decode_json(msgspec.json.encode(draft), _member, "node")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = KeyStore.create(folder / "keys", authorities)
    member = msgspec.structs.replace(
        draft,
        keys=tuple(Key.of(keys.node_key(purpose).public) for purpose in NODE_PURPOSES),
        authorities=tuple(
            ServedAuthority(
                gss,
                served,
                tuple(Key.of(keys.authority_key(gss, p).public) for p in AUTHORITY_PURPOSES),
            )
            for gss, served in authorities.items()
        ),
    )
    write_private(folder / "member.json", msgspec.json.encode(member))
    return member


def read_member(folder: Path) -> Member:
    """Who the node in a data directory is; raises NotInitialised."""
    try:
        return decode_json((folder / "member.json").read_bytes(), _member, "member.json")
    except FileNotFoundError as error:
        raise NotInitialised(f"{folder} holds no node yet: run 'hearth init' first") from error


def refuse_foreign(node: Node) -> None:
    """Raise UnusableDatabase where the database, migrated, holds another node's log: one address
    given to two nodes would mix their messages and their logs.
    """
    with reading(node.node_db) as connection:
        names = connection.scalars(select(own_log.c.node)).all()
    if names and names != [node.name]:
        raise UnusableDatabase(
            f"This database is that of the node {names[0]}, not of {node.name}. Nothing was "
            "changed. Give each node a database of its own: look at HEARTH_DATABASE and at "
            f"{node.folder / KEPT}."
        )


def open_node(
    folder: Path,
    project: Project,
    receive: Receive,
    now: Callable[[], datetime] = _now,
    ca_bundle: Path | None = None,
    database: str | None = None,
) -> Node:
    """Open an initialised node that has adopted a charter and whose databases are migrated.

    `database` is the address of its PostgreSQL database, see `open_database`.
    An expired charter does not stop it: see `charter_warnings`.
    Raises NotInitialised, NoSuchMember, UnsafeKeys, UnusableDatabase, or what `read_chain` does.
    """
    name, keys = read_member(folder).node, KeyStore(folder / "keys")
    charters = Charters(folder / CHARTER)
    member = charters.latest.charter.member(name)
    if member is None:
        raise NoSuchMember(f"the charter does not name the node {name}")
    keys.check(member)
    return Node(
        folder=folder,
        name=name,
        charters=charters,
        keys=keys,
        node_db=open_database(folder, "node", database),
        replica=open_database(folder, "replica", database),
        project=project,
        receive=receive,
        now=now,
        ca_bundle=ca_bundle,
    )
