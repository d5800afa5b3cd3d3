"""The charter's committee, as the author of a log asks it: every witness in a thread of its own.

So one that is slow or silent holds up nobody. A witness is asked once for each checkpoint that is
signed, however many records came with it, and once at the start; nobody else asks it about our log.
"""

import random
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from time import monotonic

import structlog

from federation.client import PeerClient, Traffic
from federation.errors import FederationError, WitnessesWanting
from federation.node import Node
from federation.peers import Peer
from federation.recovery.attesting import attest
from federation.sequencer import has_work, sequence, waits_for_quorum
from federation.witness.asking import ask, latest_signed
from protocols.charter import MAX_WITNESSES
from protocols.cosignature import Cosigner
from protocols.errors import ProtocolError
from protocols.note import parse_note
from protocols.policy import Policy, Witness

# How long the slowest witnesses are waited for at the start, when the others are a quorum already.
PATIENCE_S = 5.0
# How long a command waits for the quorum of what it has signed.
COMMAND_S = 10.0
BACK_OFF_S = 1.0
MOST_BACK_OFF = 3

_log = structlog.get_logger("witnesses")


class Committee:
    """Keeps asking, a little at each call of `ask`. Without a committee it does nothing."""

    def __init__(self, node: Node, traffic: Traffic | None = None) -> None:
        self._node = node
        self._traffic = traffic or Traffic()
        self._policy: Policy | None = None
        self._asked: list[_Asked] = []
        self._pool = ThreadPoolExecutor(MAX_WITNESSES, thread_name_prefix="witness")
        self._begun = self._changed = monotonic()
        self._text = ""

    @property
    def is_late(self) -> bool:
        """Whether what is signed should have had its quorum by now."""
        return monotonic() > self._changed + PATIENCE_S

    def ask(self) -> None:
        """Begin to ask every witness that has not yet cosigned what is signed; does not wait.

        Raises ForkRefused where it is not known what was signed.
        """
        self._meet()
        if self._policy is None:
            return
        note = latest_signed(self._node)
        text = parse_note(note).text
        if text != self._text:
            self._text, self._changed = text, monotonic()
        for one in self._asked:
            one.begin(self._pool, self._policy, note)
        self._compare()

    def settle(self) -> None:
        """Ask, and wait until the quorum has cosigned or patience ends."""
        until = monotonic() + COMMAND_S
        while monotonic() < until:
            self.ask()
            busy = [one.under_way for one in self._asked if one.under_way]
            self._compare()
            if self._policy is None:
                return
            if self._node.compared.is_set() and not waits_for_quorum(self._node):
                return
            if not busy:
                return  # everyone has answered
            wait(busy, timeout=0.1, return_when=FIRST_COMPLETED)

    def close(self) -> None:
        """Ask nobody any more; what is under way is finished."""
        self._pool.shutdown(cancel_futures=True)
        for one in self._asked:
            one.close()

    def _meet(self) -> None:
        """Go by the committee of the charter that counts now."""
        if self._policy == self._node.charter.committee:
            return
        if self._policy is not None:
            self._node.compared.clear()
        for one in self._asked:
            one.close()
        self._policy = self._node.charter.committee
        witnesses = self._policy.witnesses if self._policy else ()
        self._asked = [_Asked(self._node, one, self._traffic) for one in witnesses]
        self._begun = monotonic()

    def _compare(self) -> None:
        """Note when the quorum, and who else answers in time, has seen nothing newer than we."""
        if self._policy is None or self._node.compared.is_set():
            return
        patient = monotonic() < self._begun + PATIENCE_S
        if patient and any(one.under_way for one in self._asked):
            return
        if self._policy.is_satisfied({one.cosigner for one in self._asked if one.agrees}):
            self._node.compared.set()


class _Asked:
    """A witness, and how it stands with it in this process."""

    def __init__(self, node: Node, witness: Witness, traffic: Traffic) -> None:
        self._node = node
        self._witness = witness
        self._client = PeerClient(witness.url or "", traffic, node.ca_bundle)
        self._future: Future[None] | None = None
        self._due = 0.0
        self._failures = 0
        self.agrees = False
        """Whether it has cosigned anything since this process began."""

    @property
    def cosigner(self) -> Cosigner:
        return self._witness.cosigner

    @property
    def under_way(self) -> Future[None] | None:
        return self._future if self._future and not self._future.done() else None

    def begin(self, pool: ThreadPoolExecutor, policy: Policy, note: bytes) -> None:
        """Ask it, unless it has cosigned this note, or was asked a moment ago."""
        who = (self.cosigner.name, self.cosigner.key_id)
        done = self.agrees and any((s.name, s.key_id) == who for s in parse_note(note).signatures)
        if not (done or self.under_way or monotonic() < self._due):
            self._future = pool.submit(self._ask, policy, note)

    def _ask(self, policy: Policy, note: bytes) -> None:
        try:
            ask(self._node, policy, self._witness, self._client, note)
        except (FederationError, ProtocolError) as error:
            if not self._failures:
                _log.warning("a witness does not cosign", url=self._witness.url, why=str(error))
            self._failures += 1
            wait_s = BACK_OFF_S * 2 ** min(self._failures, MOST_BACK_OFF)
            self._due = monotonic() + wait_s * random.uniform(0.5, 1.0)  # noqa: S311
        except Exception:  # noqa: BLE001 - a fault with one witness is none of the others'
            self._due = monotonic() + BACK_OFF_S
            _log.exception("a witness was not asked; it is tried again", url=self._witness.url)
        else:
            self._failures, self.agrees = 0, True

    def close(self) -> None:
        self._client.close()


def publish_log(node: Node, peers: Sequence[Peer] | None = None) -> int:
    """Publish everything that is staged, with its cosignatures, by a process that does so once;
    gives how many entries came. Members and witnesses are asked first how far the log was signed.

    Raises ForkRefused; WitnessesWanting when too few witnesses answer in time, and then what was
    staged is either staged still or waits for them in the log: it is not to be staged again.
    """
    if not has_work(node):
        return 0
    attest(node, peers)
    committee = Committee(node)
    try:
        committee.settle()
        entries = sequence(node)
        committee.settle()
    finally:
        committee.close()
    if waits_for_quorum(node):
        raise WitnessesWanting(
            f"{entries} entries came to the log, and wait there for the quorum of witnesses: "
            "nobody sees them until then. A running node goes on asking"
        )
    return entries
