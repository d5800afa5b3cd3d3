"""What concerns all members alike, and reaches them from one to the next: forks and charters, and
who has destroyed what a charter erases.
"""

import random
from collections.abc import Mapping
from time import monotonic

from federation.charter.adoption import adopt_what_waited
from federation.charter.learning import learn_charter
from federation.erasing.by_charter import obey_charter
from federation.erasing.charter_receipts import take_charter_receipt, to_be_asked, unsigned
from federation.errors import CharterWaits, FederationError, RivalCharter, UnsafeKeys
from federation.forks.keeping import to_be_told
from federation.forks.telling import compare_with, tell_forks
from federation.jobs import Jobs, complain, log
from federation.node import Node
from federation.peers import Peer
from protocols.errors import ProtocolError

ASKED = 3
"""How many members are asked in one round whether they have destroyed what a charter erases."""


class Spreader:
    """Tells of forks and looks for them, and asks for new charters: about once in `poll_s` seconds
    each, so that the requests of a node do not grow with the number of members.
    """

    def __init__(self, node: Node, poll_s: float) -> None:
        self._node = node
        self._poll_s = poll_s
        self._tell_due: dict[str, float] = {}
        self._compare_due = 0.0
        self._compared_with = ""
        self._charter_due = 0.0
        self._erased_due = 0.0
        self._why_unlearned = ""

    def turn(self, jobs: Jobs, peers: Mapping[str, Peer]) -> None:
        """Start what is due."""
        now = monotonic()
        for name in to_be_told(self._node) & peers.keys():
            if now >= self._tell_due.get(name, 0.0):
                self._tell_due[name] = now + self._poll_s
                jobs.start(f"tell {name}", self._tell, peers[name])
        if peers and now >= self._compare_due:
            self._compare_due = now + self._about_a_poll()
            jobs.start("compare", self._compare, dict(peers))
        if peers and now >= self._charter_due:
            self._charter_due = now + self._about_a_poll()
            jobs.start("charter", self._learn)
        if now >= self._erased_due:
            self._erased_due = now + self._about_a_poll()
            jobs.start("erased by charter", self._erase, dict(peers))

    def _about_a_poll(self) -> float:
        return self._poll_s * random.uniform(0.8, 1.2)  # noqa: S311 - spreads, guards nothing

    def _tell(self, peer: Peer) -> None:
        """Tell a member of forks; one that is away is told later."""
        try:
            tell_forks(self._node, peer)
        except FederationError as error:
            log.info("not told of a fork yet", peer=peer.member.node, why=str(error))

    def _compare(self, peers: Mapping[str, Peer]) -> None:
        """Ask the next member in turn what it holds of every log: one request a round, and every
        two members have compared when each has asked all.
        """
        names = sorted(peers)
        later = [name for name in names if name > self._compared_with]
        self._compared_with = (later or names)[0]
        try:
            compare_with(self._node, peers[self._compared_with])
        except FederationError as error:
            log.info("not compared", peer=self._compared_with, why=str(error))

    def _learn(self) -> None:
        """Ask one member, drawn by lot, whether there is a new version: it reaches all in a few
        rounds, and costs each node one request a round.
        """
        adopt_what_waited(self._node)
        members = list(self._node.others())
        try:
            learn_charter(self._node, random.choice(members))  # noqa: S311 - spreads what is signed
        except (RivalCharter, CharterWaits, UnsafeKeys) as error:
            if str(error) != self._why_unlearned:
                complain("a charter is not kept to", error)
            self._why_unlearned = str(error)
        except (FederationError, ProtocolError) as error:
            log.info("no new charter from there", why=str(error))

    def _erase(self, peers: Mapping[str, Peer]) -> None:
        """Obey a charter where whoever adopted it could not to the end; and ask a few members, by
        lot, for the receipts that are missing.
        """
        if unsigned(self._node):
            obey_charter(self._node)
        missing = {name: kept for name, kept in to_be_asked(self._node).items() if name in peers}
        for name in random.sample(sorted(missing), min(ASKED, len(missing))):
            member = peers[name].member
            try:
                for kept in missing[name]:
                    receipt = peers[name].charter_receipt(kept.charter.version)
                    take_charter_receipt(self._node, member, kept, receipt)
            except (FederationError, ProtocolError) as error:
                log.info("has not confirmed what a charter erases", peer=name, why=str(error))
