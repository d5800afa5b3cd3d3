"""What consultation of the area authority came before a notice, as who receives the notice sees it.

Care Planning, Placement and Case Review (England) Regulations 2010, regulation 11(2)(d) and (3)(b).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from directory.notices.now import Said
from directory.notices.received import Received
from directory.placing.approvals.answering import Asked
from directory.web.wording import at
from protocols.notices import PlacementNotice


@dataclass(frozen=True, slots=True)
class Consulted:
    """A consultation in words; `number` is its id, where it came here."""

    said: str
    number: str | None = None


def consulted_before(known: Received, says: Said, asked: Sequence[Asked]) -> Consulted | None:
    """What a notice says of it, held against the consultations that came here (`asked`); None where
    none is named and none has to be.
    """
    named = says.consultation if isinstance(says, PlacementNotice) else None
    for one in asked:
        if (one.id, one.placing_authority) == (named, known.placing_authority):
            return _came(one)
    if named:
        return Consulted("The notice names a consultation that is not here, or was destroyed.")
    if not says.placement.at_a_distance:
        return None
    if says.placement.emergency:
        return Consulted(
            "The notice names no consultation. In an emergency it may follow within 5 working days "
            "of the approval (regulation 11(3)(b))."
        )
    return Consulted(
        "The notice names no consultation, and a placement at a distance asks for one before it is "
        "approved (regulation 11(2)(d)). It may have come by letter: ask them."
    )


def _came(one: Asked) -> Consulted:
    said = f"You were consulted before, on {at(one.received_at)}."
    if one.answered_at is None:
        return Consulted(f"{said} Nobody has answered yet.", one.id)
    return Consulted(f"{said} {one.answered_by} answered on {at(one.answered_at)}.", one.id)
