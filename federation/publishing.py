"""A worker's part of publishing: what is staged is signed, once nothing can fork, and cosigned."""

from collections.abc import Callable, Collection
from time import monotonic

from federation.database import reading
from federation.errors import FederationError, WitnessesWanting
from federation.jobs import Jobs, complain
from federation.node import Node
from federation.peers import Peer
from federation.recovery.attesting import attest
from federation.sequencer import sequence
from federation.store import published_size
from federation.witness.committee import Committee
from protocols.errors import ProtocolError


class Publisher:
    """Publishes a little at each turn. Before the first signature it has the other members asked
    how far our log is, every `poll_s` seconds until they have been.
    """

    def __init__(self, node: Node, poll_s: float) -> None:
        self._node = node
        self._poll_s = poll_s
        self._committee = Committee(node)
        self._attested = False
        self._attest_due = 0.0
        self._why_not = ""

    def turn(self, jobs: Jobs, peers: Collection[Peer]) -> int:
        """Publish what is staged; gives the size of our log that others can see, whoever published
        its entries. -1 before they can follow it.
        """
        if self._attested:
            if self._or_say_why(self._sequence):
                self._why_not = ""
        elif monotonic() >= self._attest_due:
            self._attest_due = monotonic() + self._poll_s
            jobs.start("attest", self._attest, list(peers))
        with reading(self._node.node_db) as connection:
            size = published_size(connection)
        return -1 if size is None else size

    @property
    def why_not(self) -> str:
        """Why nothing is published, in words; empty where nothing is in the way."""
        return self._why_not

    def ask_again(self) -> None:
        """Somebody has come back, who may know how far our log is: at the next turn, if need be."""
        self._attest_due = 0.0

    def close(self) -> None:
        """Ask the committee no more."""
        self._committee.close()

    def _attest(self, peers: list[Peer]) -> None:
        self._attested = self._or_say_why(lambda: attest(self._node, peers))

    def _sequence(self) -> None:
        """A step: what is signed is cosigned, or what is staged is signed."""
        self._committee.ask()
        try:
            sequence(self._node)
        except WitnessesWanting:
            if self._committee.is_late:
                raise
        else:
            self._committee.ask()

    def _or_say_why(self, publish: Callable[[], object]) -> bool:
        """Do what publishing needs; where it cannot be done, say why, once."""
        try:
            publish()
        except (FederationError, ProtocolError) as error:
            if self._why_not != str(error):
                complain("nothing is published", error)
            self._why_not = str(error)
            return False
        return True
