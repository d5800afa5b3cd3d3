"""How a node is, in words: what is well, what is not, and what to do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.homes.labels import day
from directory.status.service import NodeStatus, PeerStatus
from directory.web.wording import ago, at, counted, long

LITTLE_ROOM = 0.1
CHARTER_SOON = timedelta(days=60)
QUIET = timedelta(hours=1)
_GIB = 1024**3
_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A row about the node. `warning` says what is wrong with it, and what to do."""

    key: str
    value: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class PeerRow:
    """A row about a peer: a tag in one of GOV.UK's colours, and what is in the way."""

    node: str
    serves: str
    state: str
    colour: str
    held: str
    verified: str
    trouble: str


def facts(status: NodeStatus) -> list[Fact]:
    """What is to be known of the node itself."""
    own, left = status.own, status.expires - status.at
    signed = own.verified_at if own else None
    little = status.free < LITTLE_ROOM * status.room
    return [
        Fact("Own log", counted(own.size if own else 0, "entry", "entries")),
        Fact(
            "Signed",
            f"{at(signed)}, {ago(signed, status.at)}" if signed else "Not yet",
            "" if signed else "Nobody can follow this node yet. Start its worker: hearth run.",
        ),
        Fact(
            "Waits to be signed",
            counted(status.staged, "record"),
            "If this does not go down within a minute, the worker does not run: see its log."
            if status.staged
            else "",
        ),
        Fact(
            "Room on the disk",
            f"{status.free / _GIB:,.1f} of {status.room / _GIB:,.1f} GiB are free",
            "Make room soon: without any, nothing is stored and no notice is received."
            if little
            else "",
        ),
        Fact(
            "Charter",
            f"{status.charter}, version {status.charter_version}, until {day(status.expires)}",
            f"It ends in {long(left)}: agree on its successor with the other members."
            if left < CHARTER_SOON
            else "",
        ),
        Fact("Software", f"Commonhearth {status.software}"),
        Fact(
            "Databases",
            f"{_DATABASES.get(status.database, status.database)}; schema {status.schemas['own']}, "
            f"and {status.schemas['logs']} of what is followed",
        ),
    ]


def peer_rows(status: NodeStatus) -> list[PeerRow]:
    """The peers, those in trouble first."""
    rows = [_row(one, status.at) for one in status.peers]
    return sorted(rows, key=lambda row: (row.colour == "green", row.node))


def _row(peer: PeerStatus, now: datetime) -> PeerRow:
    log = peer.log
    state, colour = _state(peer, now)
    trouble = ""
    if log and log.trouble:
        since = f" Since {at(log.trouble_since)}." if log.trouble_since else ""
        trouble = f"{log.trouble}.{since}"
    verified = log.verified_at if log else None
    return PeerRow(
        node=peer.member.node,
        serves=", ".join(peer.serves),
        state=state,
        colour=colour,
        held=counted(log.size, "entry", "entries") if log else "None",
        verified=ago(verified, now) if verified else "Never to its end",
        trouble=trouble,
    )


def _state(peer: PeerStatus, now: datetime) -> tuple[str, str]:
    if peer.member.status != "active":
        return "Suspended", "grey"
    if peer.log is None:
        return "Never reached", "red"
    if peer.log.trouble:
        return "In trouble", "red"
    if peer.log.verified_at is None:
        return "Catching up", "yellow"
    if now - peer.log.verified_at > QUIET:
        return f"Behind by {long(now - peer.log.verified_at)}", "yellow"
    return "Up to date", "green"
