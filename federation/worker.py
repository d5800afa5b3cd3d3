"""The worker of a node: publishes what is staged, delivers what is queued, follows everyone.

One turn looks at the databases and starts what is due. Every peer is followed in a thread of its
own, so that one that is slow, silent or hostile holds up nobody else. New records travel within a
second: their author pings, others pull. Polling is the safety net.
"""

import math
import random
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TypeAlias

from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError

from federation import tables
from federation.charter.warnings import charter_warnings
from federation.chunks.incoming import drop_unused
from federation.contact import look_what_it_holds, note_contact
from federation.database import forget_what_was_left, reading, writing
from federation.erasing.confirming import confirm_due, due_authors, make_confirmations_due
from federation.erasing.receipts import take_erasure_receipt
from federation.errors import (
    FederationError,
    Overtaken,
    PeerMisbehaved,
    PeerUnreachable,
)
from federation.following import follow
from federation.heartbeat import beat
from federation.jobs import Jobs, complain, log
from federation.mirroring import ASKED, AWAY, follow_mirrors, mirrors_of
from federation.node import Node
from federation.outbox import deliver_due, due_members, make_due
from federation.peers import Inbox, NoInbox, OwnInbox, Peer
from federation.publishing import Publisher
from federation.snapshots.issuing import own_number, renew_snapshot
from federation.snapshots.taking import destroy_expired, take_snapshot
from federation.sources import LogSource, OwnLog
from federation.spreading import Spreader
from federation.trouble import explain_storage
from protocols.charter import Member
from protocols.errors import ProtocolError

TURN_S = 0.2
POLL_S = 30.0
BACK_OFF_S = 1.0
# A cache may show a checkpoint for a second (`views`), and nginx, which counts whole seconds, for
# two: a look right after a ping can miss what it was about, so there is a second one.
SECOND_LOOK_S = 2.5
THREADS = 16
# Apart from the others: mirrors of many absent authors, themselves slow, must not take their place.
MIRROR_THREADS = 4
CHORES_S = 60.0
BEAT_S = 5.0
WARN_S = 86_400.0
# Who has a new snapshot rings; otherwise it is asked for once in so many looks at its author's log.
SNAPSHOT_POLLS = 20

Chore: TypeAlias = Callable[[Node], object]
"""What else a node does now and then. It knows itself whether it is due."""


class Worker:
    """Runs until `stop` is set. One worker a node; a second one does no harm, and no good."""

    def __init__(
        self, node: Node, *, poll_s: float = POLL_S, chores: Mapping[str, Chore] | None = None
    ) -> None:
        self._node = node
        self._poll_s = poll_s
        self._peers: dict[str, Peer] = {}
        self._own = OwnLog(node.node_db)
        self._inboxes: dict[str, Inbox] = {}
        self._chores = chores or {}
        self._chores_due = monotonic() + CHORES_S
        self._publisher = Publisher(node, poll_s)
        self._spreader = Spreader(node, poll_s)
        # Our own log is followed from when there is something to be followed.
        self._due: dict[str, float] = {node.name: math.inf}
        self._failures: dict[str, int] = {}
        self._rung: set[str] = set()
        self._away: set[str] = set()
        self._size = -1
        self._told: dict[str, tuple[int, int]] = {}
        self._snapshot_due: dict[str, float] = {}
        self._charter = ""
        self._warn_due = 0.0
        self._why_idle = ""
        self._beat: tuple[float, str] = (0.0, "")
        self._begun = False

    def run(self, stop: threading.Event) -> None:
        """Take turns until told to stop; finishes what is under way."""
        with (
            Jobs(MIRROR_THREADS, "mirrors") as self._beside,
            Jobs(THREADS, "worker") as jobs,
        ):
            while not stop.is_set():
                try:
                    self._turn(jobs)
                    self._why_idle = ""
                except (DBAPIError, OSError) as error:
                    self._rest(explain_storage(error))
                    stop.wait(BACK_OFF_S)
                stop.wait(TURN_S)
        self._publisher.close()
        for peer in self._peers.values():
            peer.close()

    def _rest(self, why: str) -> None:
        """Nothing can be stored or read now; said once, and tried until it can."""
        if why != self._why_idle:
            log.error("the worker waits", why=why)
        self._why_idle = why

    def _turn(self, jobs: Jobs) -> None:
        self._begin()
        if (size := self._publisher.turn(jobs, self._peers.values())) > self._size:
            self._size, self._due[self._node.name] = size, 0.0
        self._show_itself()
        news = (size, own_number(self._node))
        for name, told in self._told.items():
            if news > told and jobs.start(f"ping {name}", self._ping, name):
                self._told[name] = news
        for name in self._pinged():
            self._publisher.ask_again()
            self._due[name] = 0.0
            self._rung.add(name)
            make_due(self._node, self._peers[name].member)
            make_confirmations_due(self._node, self._peers[name].member)
        for name in due_members(self._node):
            jobs.start(f"deliver {name}", self._deliver, name)
        for name in due_authors(self._node):
            jobs.start(f"confirm {name}", self._confirm, name)
        for name, due in self._due.items():
            if monotonic() >= due and not jobs.is_busy(f"follow {name}"):
                # First: when it fails, or is pinged meanwhile, the time comes forward again.
                self._due[name] = monotonic() + self._poll_s * random.uniform(0.8, 1.2)  # noqa: S311
                jobs.start(f"follow {name}", self._follow, name)

        self._spreader.turn(jobs, self._peers)
        if monotonic() >= self._chores_due:
            self._chores_due = monotonic() + CHORES_S
            jobs.start("forget", self._forget)
            jobs.start("snapshots", self._keep_snapshots)
            for name, chore in self._chores.items():
                jobs.start(name, chore, self._node)

    def _show_itself(self) -> None:
        """Say that this worker is alive, and what keeps it from publishing."""
        due, said = self._beat
        if monotonic() >= due or said != self._publisher.why_not:
            self._beat = (monotonic() + BEAT_S, self._publisher.why_not)
            beat(self._node, self._publisher.why_not)

    def _begin(self) -> None:
        """What is to be done before the first turn, and after another charter was adopted."""
        if not self._begun:
            # The last worker may have died before it did.
            self._forget()
            self._begun = True
        if self._node.charters.latest.digest != self._charter:
            self._meet()
        if monotonic() >= self._warn_due:
            self._warn_due = monotonic() + WARN_S
            for warning in charter_warnings(self._node):
                log.warning("the charter", why=warning)

    def _meet(self) -> None:
        """Go by another version of the charter: whom to follow, and whose inbox is where."""
        node, kept = self._node, self._node.charters.latest
        others = {member.node: member for member in node.others()}
        for name, peer in list(self._peers.items()):
            if others.get(name) != peer.member:
                self._peers.pop(name).close()
        self._peers |= {
            name: Peer(node, member) for name, member in others.items() if name not in self._peers
        }
        self._inboxes = {m.node: NoInbox(m) for m in kept.charter.members}
        self._inboxes |= {**self._peers, node.name: OwnInbox(node)}
        self._due = {name: self._due.get(name, 0.0) for name in (node.name, *self._peers)}
        self._failures = {name: self._failures.get(name, 0) for name in self._due}
        self._told = {name: self._told.get(name, (0, 0)) for name in self._peers}
        self._snapshot_due = {name: self._snapshot_due.get(name, 0.0) for name in self._peers}
        self._charter = kept.digest
        log.info("keeps to the charter", version=kept.charter.version, digest=kept.digest)
        self._warn_due = 0.0

    def _pinged(self) -> list[str]:
        with reading(self._node.node_db) as connection:
            if not connection.scalar(select(func.count()).select_from(tables.ping)):
                return []
        with writing(self._node.node_db) as connection:
            names = connection.scalars(delete(tables.ping).returning(tables.ping.c.node))
            return [name for name in names if name in self._peers]

    def _forget(self) -> None:
        forget_what_was_left(self._node.node_db)
        forget_what_was_left(self._node.replica)
        drop_unused(self._node)

    def _deliver(self, name: str) -> None:
        deliver_due(self._node, self._inboxes[name])

    def _confirm(self, name: str) -> None:
        own = partial(take_erasure_receipt, self._node, self._node.member)
        if name == self._node.name:
            confirm_due(self._node, self._node.member, own)
        elif peer := self._peers.get(name):
            confirm_due(self._node, peer.member, peer.confirm)

    def _ping(self, name: str) -> None:
        try:
            self._peers[name].ping()
        except FederationError as error:
            log.info("peer not woken; it will poll", peer=name, why=str(error))

    def _follow(self, name: str) -> None:
        member = self._member(name)
        source: LogSource = self._peers.get(name, self._own)
        rung = name in self._rung
        self._rung.discard(name)
        try:
            applied = follow(self._node, member, source)
        except Overtaken:
            self._due[name] = 0.0
        except (FederationError, ProtocolError) as error:
            complain("a log is not followed", error, peer=name)
            self._back_off(name)
            self._note(name, error)
            if isinstance(error, PeerUnreachable | PeerMisbehaved):
                self._away.add(name)
            if isinstance(error, AWAY) and name in self._peers:
                self._beside.start(f"mirrors of {name}", self._follow_mirrors, name, error)
        else:
            self._failures[name] = 0
            self._away.discard(name)
            self._note(name)
            if rung:
                self._due[name] = min(self._due[name], monotonic() + SECOND_LOOK_S)
            if applied:
                log.info("followed", peer=name, entries=applied)
            self._take_snapshot(name, rung=rung)

    def _take_snapshot(self, name: str, *, rung: bool) -> None:
        """Ask a peer that answers for its snapshot: when it rang, and now and then."""
        if name not in self._peers or not (
            rung or monotonic() >= self._snapshot_due.get(name, 0.0)
        ):
            return
        self._snapshot_due[name] = monotonic() + self._poll_s * SNAPSHOT_POLLS
        try:
            take_snapshot(self._node, self._peers[name])
        except (FederationError, ProtocolError) as error:
            complain("a snapshot is not taken", error, peer=name)

    def _keep_snapshots(self) -> None:
        """Our own holds on, and nothing is left of the others' that have expired."""
        renew_snapshot(self._node)
        destroy_expired(self._node)

    def _note(self, name: str, problem: Exception | None = None) -> None:
        """Keep how a peer was, and how much it has of our log."""
        if peer := self._peers.get(name):
            note_contact(self._node, peer, problem)
            if not problem:
                look_what_it_holds(self._node, peer, self._size)

    def _follow_mirrors(self, name: str, failed: Exception) -> None:
        """Ask peers that can be reached for their copies of the log of one that fails."""
        there = [peer for other, peer in self._peers.items() if other not in self._away]
        mirrors = mirrors_of(name, there, ASKED)
        with suppress(FederationError, ProtocolError):  # the author's, which was told
            if applied := follow_mirrors(self._node, self._member(name), failed, mirrors):
                log.info("followed", peer=name, entries=applied, mirrored=True)

    def _back_off(self, name: str) -> None:
        """Ask an author that failed ever more seldom."""
        self._failures[name] += 1
        wait = min(BACK_OFF_S * 2 ** min(self._failures[name], 8), self._poll_s * 10)
        self._due[name] = monotonic() + wait * random.uniform(0.5, 1.0)  # noqa: S311

    def _member(self, name: str) -> Member:
        return self._peers[name].member if name in self._peers else self._node.member
