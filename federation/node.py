"""A node: a data directory with keys, two databases and the charter that it keeps to.

DIR/member.json   who this node is, for the charter
DIR/charter.note  the charter
DIR/keys/         private keys and high-water mark
DIR/node.db       own log, outbox and inbox, casework: durable
DIR/replica.db    all logs, own included, and search tables: can be rebuilt
DIR/database.url  instead of these two: the PostgreSQL database that holds both
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import Connection, Engine, select

from federation.database import KEPT, open_database, reading
from federation.errors import (
    AlreadyInitialised,
    NoSuchMember,
    NotInitialised,
    UnsafeKeys,
    UnusableDatabase,
)
from federation.keystore import KeyStore, write_private
from federation.store import FollowedLog
from federation.tables import own_log
from protocols.charter import Charter, Key, Member, ServedAuthority, open_founding_charter
from protocols.encoding import decode_json
from protocols.following import VerifiedEntry
from protocols.keys import AUTHORITY_PURPOSES, NODE_PURPOSES, Purpose
from protocols.messages import Message
from protocols.note import NoteSigner

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
    member: Member
    charter: Charter
    keys: KeyStore
    node_db: Engine
    replica: Engine
    project: Project
    receive: Receive
    now: Callable[[], datetime] = field(default=_now)
    ca_bundle: Path | None = None

    @property
    def name(self) -> str:
        """The member name in the charter."""
        return self.member.node

    @property
    def log_signer(self) -> NoteSigner:
        """Signs this node's checkpoints."""
        return NoteSigner(self.member.origin, self.keys.node_key(Purpose.LOG))

    def others(self) -> list[Member]:
        """The other active members."""
        return [m for m in self.charter.members if m.node != self.name and m.status == "active"]

    def close(self) -> None:
        """Let go of both databases."""
        self.node_db.dispose()
        self.replica.dispose()


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
    decode_json(msgspec.json.encode(draft), Member, "node")
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
        return decode_json((folder / "member.json").read_bytes(), Member, "member.json")
    except FileNotFoundError as error:
        raise NotInitialised(f"{folder} holds no node yet: run 'hearth init' first") from error


def adopt_charter(folder: Path, note: bytes, now: datetime) -> Charter:
    """Verify a founding charter and keep to it from now on.

    Raises what `open_founding_charter` does, NoSuchMember when it does not name this node, and
    UnsafeKeys when it names other keys than this node holds.
    """
    charter = open_founding_charter(note, now)
    ours, theirs = read_member(folder), charter.member(read_member(folder).node)
    if theirs is None:
        raise NoSuchMember(f"the charter does not name the node {ours.node}")
    if theirs != ours:
        raise UnsafeKeys(f"the charter has other keys, addresses or authorities for {ours.node}")
    if (folder / "charter.note").exists() and (folder / "charter.note").read_bytes() != note:
        raise AlreadyInitialised(f"{folder} keeps to another charter already")
    write_private(folder / "charter.note", note)
    return charter


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
    Raises NotInitialised, UnsafeKeys, UnusableDatabase, or what `open_founding_charter` does.
    """
    member, keys = read_member(folder), KeyStore(folder / "keys")
    keys.check(member)
    try:
        note = (folder / "charter.note").read_bytes()
    except FileNotFoundError as error:
        raise NotInitialised(f"{folder} has no charter yet: run 'hearth charter adopt'") from error
    return Node(
        folder=folder,
        member=member,
        charter=open_founding_charter(note, now()),
        keys=keys,
        node_db=open_database(folder, "node", database),
        replica=open_database(folder, "replica", database),
        project=project,
        receive=receive,
        now=now,
        ca_bundle=ca_bundle,
    )
