"""All clauses in the order of their sections, and how each came out at a node."""

from collections.abc import Callable, Collection
from enum import StrEnum

from msgspec import Struct

from federation.conformance.attachments import ATTACHMENTS
from federation.conformance.checkpoints import CHECKPOINTS
from federation.conformance.clause import Broken, Clause, NotAsked
from federation.conformance.messages import MESSAGES
from federation.conformance.payloads import PAYLOADS
from federation.conformance.resources import RESOURCES
from federation.conformance.shared import SHARED
from federation.conformance.snapshots import SNAPSHOTS
from federation.conformance.tokens import TOKENS
from federation.conformance.tree import TREE
from federation.conformance.visit import Visit
from federation.conformance.witnesses import WITNESSES


def _place(clause: Clause) -> tuple[int, ...]:
    return tuple(int(number) for number in clause.section.split("."))


_GROUPS = (
    *(
        SHARED,
        CHECKPOINTS,
        TREE,
        PAYLOADS,
        SNAPSHOTS,
        MESSAGES,
        ATTACHMENTS,
        RESOURCES,
        TOKENS,
        WITNESSES,
    ),
)
CLAUSES = tuple(sorted((clause for group in _GROUPS for clause in group), key=_place))


class Outcome(StrEnum):
    """How a clause came out."""

    HOLDS = "holds"
    FAILS = "fails"
    NOT_ASKED = "not asked"


class Finding(Struct, frozen=True):
    """A clause, how it came out at a node, and why, unless it holds."""

    id: str
    section: str
    says: str
    outcome: Outcome
    why: str | None = None


def of_sections(sections: Collection[str]) -> list[Clause]:
    """The clauses of these sections and of what is within them; all of them where none is named."""
    return [
        one
        for one in CLAUSES
        if not sections or any(f"{one.section}.".startswith(f"{it}.") for it in sections)
    ]


def try_node(
    visit: Visit,
    clauses: Collection[Clause] = CLAUSES,
    report: Callable[[Clause], None] = lambda _clause: None,
) -> list[Finding]:
    """How each of these clauses comes out at the node that is visited.

    A clause fails when anything shows that it does not hold, on whichever clause's account it was
    asked; then it is among the findings even if it was not among these. What rests on it is not
    asked, so that one fault is one failure.
    """
    came: dict[Clause, Broken | NotAsked | None] = {}
    for clause in clauses:
        report(clause)
        came[clause] = _try(clause, visit)
    broken: dict[str, str] = {}
    for one in came.values():
        if isinstance(one, Broken):
            broken.setdefault(one.clause, one.why)
    shown = [one for one in CLAUSES if one in came or one.id in broken]
    return [_finding(one, came.get(one), broken.get(one.id)) for one in shown]


def _try(clause: Clause, visit: Visit) -> Broken | NotAsked | None:
    try:
        if clause.for_members and visit.membership is None:
            raise NotAsked("only a member can ask: give the charter and a member's keys")
        clause.check(visit)
    except (Broken, NotAsked) as came:
        return came
    return None


def _finding(clause: Clause, came: Broken | NotAsked | None, broken: str | None) -> Finding:
    outcome, why = Outcome.HOLDS, None
    if broken is not None:
        outcome, why = Outcome.FAILS, broken
    elif isinstance(came, Broken):
        outcome, why = Outcome.NOT_ASKED, f"rests on {came.clause}"
    elif came:
        outcome, why = Outcome.NOT_ASKED, str(came)
    return Finding(clause.id, clause.section, clause.says, outcome, why)
