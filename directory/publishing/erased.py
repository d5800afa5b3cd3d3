"""Who has confirmed what this node's log erases, and of who has not, what is known of why."""

from dataclasses import dataclass
from datetime import datetime

from directory.publishing.errors import NoSuchRecord
from directory.rights.principal import Principal
from directory.rights.service import require
from directory.rights.table import Action
from federation import (
    Confirmation,
    Contact,
    FollowedLog,
    Node,
    OwnErasure,
    confirmations,
    contacts,
    followed_logs,
    own_erasures,
    reading,
)
from protocols.charter import Member


@dataclass(frozen=True, slots=True)
class MemberErasure:
    """What a member has made of an erasure: its signed receipt, or `why` there is none yet."""

    node: str
    confirmation: Confirmation | None
    why: str


@dataclass(frozen=True, slots=True)
class ErasedEntry:
    """An `erase` entry of our own log, and every member's answer; our own node's among them."""

    index: int
    time: datetime
    named: tuple[int, ...]
    members: list[MemberErasure]


def erased_entries(node: Node, who: Principal, entry: int | None = None) -> list[ErasedEntry]:
    """Every erasure of this node's log; or those that an index is of, or is named by.

    Raises NotAllowed; NoSuchRecord for an index that no erasure is about.
    """
    require(who, Action.SEE_NODE)
    with reading(node.replica) as connection:
        logs = {one.node: one for one in followed_logs(connection).values()}
        met = contacts(connection)
    with reading(node.node_db) as connection:
        every = own_erasures(connection)
        chosen = [one for one in every if entry is None or entry in (one.index, *one.named)]
        if entry is not None and not chosen:
            raise NoSuchRecord(
                f"Entry {entry} of this node's log erases nothing and is not erased. Without a "
                "number, 'hearth erased' lists all erasures."
            )
        return [
            _answers(node, one, confirmations(connection, one.index), logs, met) for one in chosen
        ]


def _answers(
    node: Node,
    one: OwnErasure,
    confirmed: dict[str, Confirmation],
    logs: dict[str, FollowedLog],
    met: dict[str, Contact],
) -> ErasedEntry:
    members = [
        MemberErasure(
            member.node,
            confirmed.get(member.node),
            ""
            if member.node in confirmed
            else _why(node, member, one, logs.get(member.node), met.get(member.node)),
        )
        for member in sorted(node.charter.members, key=lambda member: member.node)
    ]
    return ErasedEntry(one.index, one.time, one.named, members)


def _why(
    node: Node, member: Member, one: OwnErasure, log: FollowedLog | None, met: Contact | None
) -> str:
    if member.node == node.name:
        return "this node itself: its worker confirms it when all is destroyed; 'hearth run'"
    if member.status != "active":
        return "suspended by the charter: nobody tells it, and nobody takes its word"
    last = met.answered_at if met and met.answered_at else log and log.verified_at
    said = [f"last in touch {_at(last)}" if last else "this node has never been in touch with it"]
    if met and met.problem and met.problem_since:
        said.append(f"in trouble since {_at(met.problem_since)}: {met.problem}")
    elif log and log.trouble and log.trouble_since:
        said.append(f"its log in trouble since {_at(log.trouble_since)}: {log.trouble}")
    if met and met.holds > one.index:
        said.append("it has verified this entry, and has not said that all is destroyed")
    elif met and met.holds:
        said.append(f"of this log it was seen to hold {met.holds:,} entries, and not this one")
    return "; ".join(said)


def _at(time: datetime) -> str:
    return f"{time:%d %B %Y %H:%M} UTC"
