"""New keys for a node: drawn beside the old, described for the next charter, old ones destroyed."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from federation.database import reading
from federation.errors import NoSuchMember
from federation.keystore import NODE
from federation.node import Node
from federation.store import HeldLog, followed_logs, own_log
from protocols.keys import AUTHORITY_PURPOSES, NODE_PURPOSES, Purpose
from protocols.members import Key, Member, Pin, ServedAuthority
from protocols.merkle import EMPTY_ROOT, subtree_root

State: TypeAlias = Literal["named", "not yet named", "no longer named"]


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key in the key store. `owner` is the node's name, or the GSS code of an authority."""

    owner: str
    purpose: Purpose
    public: str
    state: State


def draw_key(node: Node, purpose: Purpose, gss: str | None = None) -> Member:
    """Draw a new key for the node, or for an authority that it serves; gives how the node is to be
    described in the next charter: as now, with every new key beside those there are.

    It is used once a charter names it. Raises NoSuchMember for an authority not served here.
    """
    if gss is not None and gss not in node.member.area:
        raise NoSuchMember(f"this node does not serve {gss}")
    node.keys.draw(gss or NODE, purpose)
    return describe(node)


def take_authority(node: Node, gss: str, name: str) -> Member:
    """Draw keys for an authority that this node does not serve yet; gives how the node is to be
    described in the next charter, which lets it.

    Raises AlreadyInitialised where there are keys of that authority already.
    """
    node.keys.begin(gss)
    drawn = (node.keys.authority_key(gss, purpose) for purpose in AUTHORITY_PURPOSES)
    keys = tuple(Key.of(key.public) for key in drawn)
    described = describe(node)
    served = (*described.authorities, ServedAuthority(gss, name, keys))
    return msgspec.structs.replace(described, authorities=served)


def describe(node: Node) -> Member:
    """The node as the charter has it, and with the keys that it holds and no charter named yet."""
    member, size = node.member, _own_size(node)
    waiting = [one for one in held_keys(node) if one.state == "not yet named"]

    def new(owner: str) -> tuple[Key, ...]:
        return tuple(
            Key(one.purpose, one.public, size if one.purpose is Purpose.LOG else 0)
            for one in waiting
            if one.owner == owner
        )

    return msgspec.structs.replace(
        member,
        keys=(*member.keys, *new(node.name)),
        authorities=tuple(
            msgspec.structs.replace(one, keys=(*one.keys, *new(one.gss)))
            for one in member.authorities
        ),
    )


def held_keys(node: Node) -> list[HeldKey]:
    """Every key in the key store, and whether the charter names it."""
    named = _named(node.member)
    ever = {
        public
        for kept in node.charters.chain
        if (member := kept.charter.member(node.name))
        for public in _named(member, ended=True)
    }
    owners = {NODE: NODE_PURPOSES} | dict.fromkeys(sorted(node.member.area), AUTHORITY_PURPOSES)
    held = []
    for owner, purposes in owners.items():
        for purpose in purposes:
            for key in node.keys.public(owner, purpose):
                public = Key.of(key).public
                state: State = "no longer named" if public in ever else "not yet named"
                state = "named" if public in named else state
                whose = node.name if owner == NODE else owner
                held.append(HeldKey(whose, purpose, public, state))
    return held


def destroy_key(node: Node, public: str) -> HeldKey:
    """Destroy a key that the charter names no longer, by the first characters of its public half.

    What is sealed to it opens no more. Raises NoSuchMember where there is no one such key.
    """
    found = [
        one
        for one in held_keys(node)
        if one.public.startswith(public) and one.state == "no longer named"
    ]
    if len(found) != 1:
        raise NoSuchMember(
            f"{len(found)} keys here that the charter names no longer begin with {public!r}; see "
            "'hearth keys list'"
        )
    one = found[0]
    owner = NODE if one.owner == node.name else one.owner
    node.keys.destroy(owner, Key(one.purpose, one.public).key)
    return one


def pin_at(node: Node, member: Member, size: int | None) -> Pin:
    """What a member's log was at a size, or is now, as verified here.

    Raises NoSuchMember when this node does not hold so much of it.
    """
    own = member.node == node.name
    with reading(node.node_db if own else node.replica) as connection:
        logs = [own_log(connection)] if own else followed_logs(connection).values()
        log = next((one for one in logs if one and one.node == member.node), None)
        if own and log is None and not size:
            return Pin(0, EMPTY_ROOT)  # all is lost, and nobody has a copy
        if log is None or (size or 0) > log.size:
            raise NoSuchMember(
                f"this node holds {log.size if log else 0} entries of the log of {member.node}, so "
                "it cannot say what it was; run 'hearth sync', or choose a smaller size"
            )
        at = log.size if size is None else size
        if at == 0:
            return Pin(0, EMPTY_ROOT)
        return Pin(at, subtree_root(0, at, HeldLog(connection, log.id, own=own).node(log.size)))


def _named(member: Member, *, ended: bool = False) -> set[str]:
    return {key.public for _, key in member.every_key if ended or key.until is None}


def _own_size(node: Node) -> int:
    """How much of our log is here: what is lost, and was seen by nobody, is signed anew."""
    with reading(node.node_db) as connection:
        log = own_log(connection)
    return log.size if log else 0
