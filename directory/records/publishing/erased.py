"""Who has confirmed what this node's log erases, or the charter, and of who has not, why not."""

from dataclasses import dataclass
from datetime import datetime

from directory.records.publishing.errors import NoSuchRecord
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import (
    Confirmation,
    Contact,
    FollowedLog,
    Node,
    OwnErasure,
    charter_confirmations,
    confirmations,
    contacts,
    erasing_versions,
    followed_logs,
    own_erasures,
    reading,
)
from protocols.charter import ErasedPayload, Member


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


@dataclass(frozen=True, slots=True)
class ErasedByCharter:
    """A version of the charter that erases, what it names, and every member's answer."""

    version: int
    digest: str
    payloads: tuple[ErasedPayload, ...]
    members: list[MemberErasure]


def erased_entries(node: Node, who: Principal, entry: int | None = None) -> list[ErasedEntry]:
    """Every erasure of this node's log; or those that an index is of, or is named by.

    Raises NotAllowed; NoSuchRecord for an index that no erasure is about.
    """
    require(who, Action.SEE_NODE)
    logs, met = _met(node)
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


def charter_erasures(node: Node, who: Principal) -> list[ErasedByCharter]:
    """Every version of the charter that erases something, whosever. Raises NotAllowed."""
    require(who, Action.SEE_NODE)
    logs, met = _met(node)
    with reading(node.node_db) as connection:
        versions = erasing_versions(node)
        confirmed = [charter_confirmations(connection, one.digest) for one in versions]
    return [
        ErasedByCharter(
            kept.charter.version,
            kept.digest,
            kept.charter.payloads_erased,
            [
                MemberErasure(
                    member.node,
                    done.get(member.node),
                    ""
                    if member.node in done
                    else _why_not(node, member, logs.get(member.node), met.get(member.node)),
                )
                for member in sorted(node.charter.members, key=lambda member: member.node)
            ],
        )
        for kept, done in zip(versions, confirmed, strict=True)
    ]


def _met(node: Node) -> tuple[dict[str, FollowedLog], dict[str, Contact]]:
    with reading(node.replica) as connection:
        logs = {one.node: one for one in followed_logs(connection).values()}
        return logs, contacts(connection)


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
    why = _why_not(node, member, log, met)
    if member.status != "active" or member.node == node.name:
        return why
    if met and met.holds > one.index:
        return f"{why}; it has verified this entry, and has not said that all is destroyed"
    if met and met.holds:
        return f"{why}; of this log it was seen to hold {met.holds:,} entries, and not this one"
    return why


def _why_not(node: Node, member: Member, log: FollowedLog | None, met: Contact | None) -> str:
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
    return "; ".join(said)


def _at(time: datetime) -> str:
    return f"{time:%d %B %Y %H:%M} UTC"
