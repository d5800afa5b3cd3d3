"""How a node is, in words: what is well, what is not, and what to do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from directory.homes.labels import day
from directory.node.status.readiness import ALIVE
from directory.node.status.service import NodeStatus, PeerStatus
from directory.web.wording import ago, at, counted, long
from federation import WitnessStanding

LITTLE_ROOM = 0.1
QUIET = timedelta(hours=1)
QUORUM_TAKES = timedelta(minutes=1)
CLOCKS_MAY_DIFFER = timedelta(minutes=1)
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
    """A row about a peer: a tag in one of GOV.UK's colours, and what is in the way.

    `held` is what we have of its log, `ours` what it has of ours, each with what is missing.
    `witness` is how it stands as a witness of our log; empty where it is none.
    """

    node: str
    serves: str
    state: str
    colour: str
    answered: str
    held: str
    ours: str
    waits: str
    clock: str
    version: str
    witness: str
    notes: list[str]


def facts(status: NodeStatus) -> list[Fact]:
    """What is to be known of the node itself."""
    own = status.own
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
            if status.staged and not status.why_not_published
            else "",
        ),
        _worker(status),
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
            " ".join(status.charter_warnings),
        ),
        *_witnesses(status),
        *_forks(status),
        Fact("Software", f"Commonhearth {status.software}"),
        Fact(
            "Databases",
            f"{_DATABASES.get(status.database, status.database)}; schema {status.schemas['own']}, "
            f"and {status.schemas['logs']} of what is followed",
        ),
    ]


def _worker(status: NodeStatus) -> Fact:
    """Whether it lives, and why it publishes nothing; said once where something waits for that."""
    seen = status.worker
    if seen is None:
        return Fact("Worker", "Not seen yet", "Start it: hearth run.")
    gone = status.at - seen.at > ALIVE
    why = "It does not run, or cannot write: see its log." if gone else status.why_not_published
    return Fact("Worker", f"Last seen {ago(seen.at, status.at)}", why)


def _witnesses(status: NodeStatus) -> list[Fact]:
    """The committee, what waits for it, and how it stands with each witness of our log."""
    if not status.witnesses:
        return [Fact("Witnesses", "The charter names none: checkpoints count without them.")]
    since = status.waits_for_quorum
    waits = (
        f"The latest checkpoint has waited for its quorum since {at(since)}. Nobody sees it, and "
        "nothing more is signed, until enough witnesses answer."
        if since and status.at - since > QUORUM_TAKES
        else ""
    )
    return [
        Fact("Witnesses", counted(len(status.witnesses), "witness", "witnesses"), waits),
        *(
            Fact(
                f"Witness {one.name}",
                cosigned(one),
                f"{one.trouble}. Since {at(one.trouble_since)}." if one.trouble_since else "",
            )
            for one in status.witnesses
        ),
    ]


def cosigned(one: WitnessStanding) -> str:
    """How much of our log a witness has cosigned, and when by its own clock."""
    if one.cosigned_at is None:
        return "Nothing cosigned yet"
    return f"{counted(one.size, 'entry', 'entries')} cosigned, last {at(one.cosigned_at)}"


def _forks(status: NodeStatus) -> list[Fact]:
    """Logs that signed two histories, and what to do."""
    return [
        Fact(
            f"Log of {one.node}",
            f"Signed two histories; known since {at(one.found_at)}",
            ""
            if one.settled
            else "It is not followed. See the proof with 'hearth forks', and agree with the other "
            "members on a charter that ends its log key where the history is that counts.",
        )
        for one in status.forks
    ]


def peer_rows(status: NodeStatus) -> list[PeerRow]:
    """The peers, those in trouble first."""
    rows = [_row(one, status.at) for one in status.peers]
    return sorted(rows, key=lambda row: (row.colour == "green", row.node))


def _row(peer: PeerStatus, now: datetime) -> PeerRow:
    state, colour = _state(peer, now)
    # `hearth sync` follows, and keeps nothing else of a peer.
    verified = peer.log.verified_at if peer.log else None
    answered = (peer.contact and peer.contact.answered_at) or verified
    return PeerRow(
        node=peer.member.node,
        serves=", ".join(peer.serves),
        state=state,
        colour=colour,
        answered=ago(answered, now) if answered else "Never",
        held=_with_backlog(peer.log.size if peer.log else 0, peer.backlog_in),
        ours=_with_backlog(peer.contact.holds if peer.contact else 0, peer.backlog_out),
        waits=_waits(peer, now),
        clock=_clock(peer),
        version=(peer.contact and peer.contact.version) or "Not known",
        witness=cosigned(peer.witness) if peer.witness else "",
        notes=[*_troubles(peer), *_oddities(peer)],
    )


def _with_backlog(held: int, missing: int) -> str:
    """How many of how many: "3 of 5 entries"."""
    if missing:
        return f"{held:,} of {counted(held + missing, 'entry', 'entries')}"
    return counted(held, "entry", "entries")


def _waits(peer: PeerStatus, now: datetime) -> str:
    if peer.oldest is None:
        return "Nothing"
    messages = sum(one.messages for one in peer.waits.values())
    why = f": {peer.oldest.why}" if peer.oldest.why else ""
    said = counted(messages, "message", "messages")
    return f"{said}, the oldest queued {ago(peer.oldest.since, now)}{why}"


def _clock(peer: PeerStatus) -> str:
    ahead = peer.contact.ahead_s if peer.contact else None
    if ahead is None:
        return "Not known"
    if ahead == 0:
        return "As ours"
    said = counted(abs(ahead), "second", "seconds")
    return f"{said} {'ahead of' if ahead > 0 else 'behind'} ours"


def _troubles(peer: PeerStatus) -> list[str]:
    """What is in the way of following it, of reaching it, of its cosignature and of its snapshot,
    each once and since when.
    """
    said: dict[str, datetime | None] = {}
    if peer.contact and peer.contact.problem:
        said[peer.contact.problem] = peer.contact.problem_since
    if peer.log and peer.log.trouble:
        said[peer.log.trouble] = peer.log.trouble_since
    if peer.witness and peer.witness.trouble and peer.witness.trouble not in said:
        said[f"As a witness: {peer.witness.trouble}"] = peer.witness.trouble_since
    if peer.snapshot_trouble:
        said[f"Its snapshot is not taken: {peer.snapshot_trouble}"] = None
    return [f"{why}." + (f" Since {at(since)}." if since else "") for why, since in said.items()]


def _oddities(peer: PeerStatus) -> list[str]:
    """What is not in the way yet, and may explain what will be."""
    told: list[str] = []
    if peer.member.reason:
        told.append(f"Suspended: {peer.member.reason}")
    ahead = timedelta(seconds=(peer.contact and peer.contact.ahead_s) or 0)
    if abs(ahead) > CLOCKS_MAY_DIFFER:
        side = "ahead of" if ahead > timedelta() else "behind"
        told.append(f"Its clock is {long(abs(ahead))} {side} ours: one of the two is wrong.")
    theirs = peer.contact.version if peer.contact else None
    if theirs and theirs != version("commonhearth"):
        told.append(f"It runs version {theirs}.")
    return told


def _state(peer: PeerStatus, now: datetime) -> tuple[str, str]:
    if peer.member.status != "active":
        return "Suspended", "grey"
    if peer.log is None:
        return "Never reached", "red"
    if _troubles(peer):
        return "In trouble", "red"
    if peer.log.verified_at is None:
        return "Catching up", "yellow"
    if now - peer.log.verified_at > QUIET:
        return f"Behind by {long(now - peer.log.verified_at)}", "yellow"
    return "Up to date", "green"
