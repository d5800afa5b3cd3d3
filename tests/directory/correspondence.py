"""Two authorities that write to each other: Kent places a child in Leeds.

Messages are signed, sealed, opened and answered as between any nodes; only the network is left out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from federation import Node, deliver_due
from tests.databases import Databases
from tests.directory.post import Door
from tests.directory.worlds import KENT, LEEDS, Consortium, a_home, consortium

PLACING, AREA = KENT, LEEDS
HOMES = {
    "kent-node": [a_home("SC100001", name="Rowan House")],
    "leeds-node": [a_home("SC200001", name="Ash House", authority=LEEDS)],
}
CHILD = ("Zebedee", "Quillfeather", "KID-90210", "Crooked Billet")
"""What is said of the child, and must stand nowhere else."""
ANSWERS = {
    "area": AREA,
    "identifier": "KID-90210",
    "given_name": "Zebedee",
    "family_name": "Quillfeather",
    "born_on-day": "9",
    "born_on-month": "4",
    "born_on-year": "2012",
    "legal_status": "section 31",
    "setting": "children's home",
    "urn": "sc200001",
    "address": "1 Crooked Billet, Leeds, LS1 1AA",
    "starts_on-day": "1",
    "starts_on-month": "12",
    "starts_on-year": "2026",
    "emergency": "no",
    "social_worker_name": "Wendy Worker",
    "social_worker_telephone": "01632 960101",
    "social_worker_email": "wendy@kent.example",
    "out_of_hours_name": "Emergency duty team",
    "out_of_hours_telephone": "01632 960102",
    "out_of_hours_email": "",
    "reviewing_officer_name": "Ivor Reviewer",
    "reviewing_officer_telephone": "01632 960103",
    "reviewing_officer_email": "",
    "assessment_of_needs": "Needs a steady school.\r\n\r\nAnd a garden.",
    "why_most_suitable": "Near that school.",
    "care_plan": "Stays until July.",
}
"""The notice form, filled in."""


@dataclass(frozen=True)
class Correspondence:
    """The two nodes, and the post between them."""

    world: Consortium

    @property
    def placing(self) -> Node:
        return self.world.nodes["kent-node"]

    @property
    def area(self) -> Node:
        return self.world.nodes["leeds-node"]

    def deliver(self) -> None:
        """Bring what waits to where it belongs, both ways."""
        for sender, recipient in ((self.placing, self.area), (self.area, self.placing)):
            deliver_due(sender, Door(recipient, sender.member))


@contextmanager
def correspondence(folder: Path, database: Databases | None = None) -> Iterator[Correspondence]:
    with consortium(folder, HOMES, database) as world:
        world.follow_all(world.nodes["leeds-node"])
        yield Correspondence(world)
