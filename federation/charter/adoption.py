"""Keeping to a charter: the founding one once, and then each successor that is valid.

What is signed by a majority and is not kept to all the same is put aside, with the reason, for
people to see: a second successor of one version, one that has to wait, one that names keys for this
node that it does not hold.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, select

from federation import tables
from federation.charter.chain import Charters, Kept, read_chain
from federation.charter.tables import charter_aside
from federation.database import reading, writing
from federation.erasing.by_charter import obey_charter
from federation.errors import (
    AlreadyInitialised,
    CharterWaits,
    FederationError,
    NoSuchMember,
    RivalCharter,
    UnsafeKeys,
)
from federation.keystore import KeyStore
from federation.locks import hold
from federation.node import CHARTER, Node, read_member
from federation.statements import upsert
from protocols.charter import (
    Charter,
    charter_digest,
    check_expiry,
    decode_charter,
    verify_founding_charter,
)
from protocols.errors import ProtocolError
from protocols.succession import WAIT, open_successor


@dataclass(frozen=True, slots=True)
class Aside:
    """A charter signed by a majority that this node does not keep to, and why."""

    version: int
    digest: str
    note: bytes
    came_at: datetime
    why: str


def adopt_charter(folder: Path, data: bytes, now: datetime) -> Charter:
    """Verify a founding charter, or a chain that begins with one, and keep to it from now on.

    Raises what `read_chain` does, Expired, NoSuchMember when the last version does not name this
    node, and UnsafeKeys when it names other keys than this node holds.
    """
    kept = read_chain(data)
    charter, ours = kept[-1].charter, read_member(folder)
    check_expiry(charter, now)
    theirs = charter.member(ours.node)
    if theirs is None:
        raise NoSuchMember(f"the charter does not name the node {ours.node}")
    if len(kept) == 1 and theirs != ours:
        raise UnsafeKeys(f"the charter has other keys, addresses or authorities for {ours.node}")
    KeyStore(folder / "keys").check(theirs)
    if (folder / CHARTER).exists():
        held = [one.digest for one in Charters(folder / CHARTER).chain]
        if held != [one.digest for one in kept]:
            raise AlreadyInitialised(f"{folder} keeps to another charter already")
        return charter
    Charters(folder / CHARTER).write([one.note for one in kept])
    return charter


def adopt_successor(node: Node, note: bytes) -> bool:
    """Verify a successor of the charter that is kept to, and keep to it from now on: what it erases
    is destroyed at once.

    False when it is kept to already. Raises what `open_successor` does, Expired, RivalCharter,
    CharterWaits, or UnsafeKeys.
    """
    try:
        with writing(node.node_db) as connection:
            hold(connection, "charter")
            adopted = _adopt(connection, node, note)
    except (RivalCharter, CharterWaits, UnsafeKeys) as error:
        _put_aside(node, note, error)
        raise
    if adopted:
        obey_charter(node)
    return adopted


def charters_aside(connection: Connection) -> list[Aside]:
    """What is signed by a majority and not kept to, the latest version first."""
    rows = connection.execute(select(charter_aside).order_by(charter_aside.c.version.desc()))
    return [Aside(one.version, one.digest, one.note, one.came_at, one.why) for one in rows]


def adopt_what_waited(node: Node) -> None:
    """Keep to a successor that has waited long enough, or whose keys have come."""
    with reading(node.node_db) as connection:
        waiting = charters_aside(connection)
    after = node.charters.latest.charter.version
    for one in waiting:
        if one.version == after + 1:
            with suppress(FederationError, ProtocolError):
                adopt_successor(node, one.note)


def _adopt(connection: Connection, node: Node, note: bytes) -> bool:
    chain, digest = node.charters.chain, charter_digest(note)
    version = decode_charter(note).version
    if version <= len(chain):
        if chain[version - 1].digest == digest:
            return False
        raise _rival(chain, note, version)
    successor = open_successor(note, chain[-1].charter, chain[-1].digest)
    check_expiry(successor.charter, node.now())
    ours = successor.charter.member(node.name)
    if ours is None:  # no valid successor leaves a member out
        raise NoSuchMember(f"the charter does not name the node {node.name}")
    node.keys.check(ours)
    if successor.waits:
        came = connection.scalar(
            select(charter_aside.c.came_at).where(charter_aside.c.digest == digest)
        )
        until = (came or node.now()) + WAIT
        if node.now() < until:
            raise CharterWaits(
                f"version {version} of the charter changes who may sign the next, without all who "
                f"do now; this node keeps to it from {until:%d %B %Y}. If that is wrong, ask the "
                "holders of charter keys today for another version that needs no wait"
            )
    node.charters.add(note)
    # Also another of this version that had to wait: this one has taken its place.
    connection.execute(delete(charter_aside).where(charter_aside.c.version == version))
    # Whoever got one with a key that holds no more asks again, and is refused.
    connection.execute(delete(tables.token))
    return True


def _rival(chain: tuple[Kept, ...], note: bytes, version: int) -> FederationError:
    """What is wrong with another charter of a version that is kept to; raises when it is none."""
    if version == 1:
        verify_founding_charter(note)
        raise AlreadyInitialised("this node keeps to another charter already")
    before = chain[version - 2]
    open_successor(note, before.charter, before.digest)
    return RivalCharter(
        f"there is another version {version} of the charter, signed by a majority as well: digest "
        f"{charter_digest(note)}, and this node keeps to {chain[version - 1].digest}. Holders of "
        "charter keys have signed twice: ask them, and compare digests with the other members"
    )


def _put_aside(node: Node, note: bytes, why: FederationError) -> None:
    with writing(node.node_db) as connection:
        new = upsert(connection, charter_aside).values(
            digest=charter_digest(note),
            version=decode_charter(note).version,
            note=note,
            came_at=node.now(),
            why=str(why),
        )
        connection.execute(
            new.on_conflict_do_update(index_elements=["digest"], set_={"why": str(why)})
        )
