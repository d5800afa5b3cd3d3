"""Notices that were entered by hand, about nobody."""

from datetime import date
from typing import Any

from directory.hosting.entering.service import Came
from directory.notices.entered import Entered, EnteredChild
from protocols.notices import Contact, Placement
from tests.directory.worlds import LEEDS

WORKER = Contact("Wendy Worker", "Social worker", "01632 960101")
NIGHT = Contact("Emergency duty team", "Out of hours", "01632 960102")


def came(
    given: str, family: str, *, born: date | None = None, placing: str = LEEDS, **known: Any
) -> Came:
    placed = Placement(
        known.pop("setting", "children's home"),
        "1 Crooked Billet, CT1 1AA",
        known.pop("starts_on", date(2026, 3, 2)),
        known.pop("urn", "SC100001"),
    )
    ended = known.pop("ended_on", None)
    child = EnteredChild(given, family, born, known.pop("identifier", None))
    contacts = {"social_worker": WORKER, "out_of_hours": NIGHT}
    return Came(placing, "email", date(2026, 11, 2), Entered(child, placed, **contacts), ended)
