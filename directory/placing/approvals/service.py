"""Recording what comes before an approval, and the approval: by whom the law says, and when.

Whoever asks is held to the table of rights first; every change is in the audit, in the same
transaction. In an emergency some steps may follow, the approval itself never.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC

import msgspec
from msgspec.json import Decoder
from msgspec.structs import replace
from sqlalchemy import Connection, delete, insert, select

from directory.country.rules.table import Approval, rules_for
from directory.placing.approvals.errors import NotApproved, NothingToApprove, StepsMissing
from directory.placing.approvals.models import approval, sent_consultation
from directory.placing.approvals.values import (
    AREA_CONSULTED,
    AREA_TOLD,
    Considered,
    Outcome,
    Said,
)
from directory.placing.register.due import wants_approval
from directory.placing.register.finding import hold_placement
from directory.placing.register.service import one_placement
from directory.placing.register.values import Kept
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, in_parts

_TABLE, _BODY = "approval", "body"
_CONSIDERED = Decoder(Considered)
_BY: dict[str, Action] = {"nominated officer": Action.APPROVE_PLACEMENTS}
"""What may be done by whom the table of rules names; the director approves everything."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the approval of a placement stands: the `rule`, what is recorded, and what is `missing`
    of that which has to come first, by code. No rule: nobody has to approve it. `wanted`: somebody
    has to, and has not. `told` are steps that this node knows to be done.
    """

    rule: Approval | None
    considered: Considered
    outcome: Outcome | None
    told: frozenset[str]
    missing: tuple[str, ...]
    wanted: bool

    @property
    def holds_up_notice(self) -> bool:
        """Whether the approval has to come before the area authority is told, and is not there."""
        first = self.rule.first if self.rule else ()
        return self.goes_on_unsaid and AREA_TOLD not in first

    @property
    def goes_on_unsaid(self) -> bool:
        """Whether it was neither approved nor gone on without, for a reason that is kept."""
        return self.wanted and self.considered.without is None


def outcomes(connection: Connection, placements: Collection[str]) -> dict[str, Outcome]:
    """What was decided of placements, by their ids, without what is sealed."""
    found: dict[str, Outcome] = {}
    for part in in_parts(placements):
        rows = connection.execute(
            select(approval.c.placement, approval.c.outcome).where(
                approval.c.placement.in_(part), approval.c.outcome.is_not(None)
            )
        )
        found |= {row.placement: row.outcome for row in rows}
    return found


def standing(connection: Connection, node: Node, kept: Kept) -> Standing:
    """Where the approval of a placement stands, for who may read it and has said why."""
    course = kept.course
    rule = rules_for(kept.authority).approval(course.relation) if course.relation else None
    considered, outcome = _considered(connection, node, kept.id)
    told = set[str]()
    if kept.notice:
        told.add(AREA_TOLD)
    consulted = select(sent_consultation.c.id).where(sent_consultation.c.placement == kept.id)
    if connection.scalars(consulted).first():
        told.add(AREA_CONSULTED)
    done = told | considered.steps.keys()
    missing = tuple(
        step
        for step in (rule.first if rule else ())
        if step not in done and not (rule and course.emergency and step in rule.deferred)
    )
    wanted = wants_approval(kept, outcome) is not None
    return Standing(rule, considered, outcome, frozenset(told), missing, wanted)


def record_step(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    step: str,
    text: str,
) -> None:
    """Record what was said or done at a step before the approval. Raises NotAllowed,
    NoSuchPlacement, NothingToApprove where the step is none of this placement's.
    """
    require(who, Action.KEEP_PLACEMENTS, authority)
    kept = one_placement(connection, who, authority, number)
    found = standing(connection, node, kept)
    if found.rule is None or step not in found.rule.first:
        raise NothingToApprove("This step is none that comes before the approval of the placement.")
    steps = {**found.considered.steps, step: _said(node, who, text)}
    _keep(connection, node, number, replace(found.considered, steps=steps), found.outcome)
    _note(connection, node, who, Action.KEEP_PLACEMENTS, authority, number, f"recorded: {step}")


def decide(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    outcome: Outcome,
    why: str,
) -> None:
    """Approve or refuse a placement, or say that it is exempt. Raises NotAllowed for who may not
    approve one that lies so, NoSuchPlacement, NothingToApprove, StepsMissing.
    """
    require(who, Action.APPROVE_PLACEMENTS, authority)
    hold_placement(connection, authority, number)
    kept = one_placement(connection, who, authority, number)
    found = standing(connection, node, kept)
    if found.rule is None or not found.wanted:
        raise NothingToApprove(
            "Nobody has to approve this placement, or somebody has. Look at what stands there now."
        )
    action = _BY.get(found.rule.by, Action.APPROVE_AT_A_DISTANCE)
    require(who, action, authority)
    if outcome == "approved" and found.missing:
        steps = rules_for(authority).steps
        raise StepsMissing(
            "Before it is approved, record: " + "; ".join(steps[one] for one in found.missing) + "."
        )
    _keep(
        connection,
        node,
        number,
        replace(found.considered, decision=_said(node, who, why)),
        outcome,
    )
    _note(connection, node, who, action, authority, number, outcome)


def go_on_without(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, why: str
) -> None:
    """Record why a placement that nobody has approved goes on: the area authority has to be told
    all the same. Raises NotAllowed, NoSuchPlacement.
    """
    require(who, Action.KEEP_PLACEMENTS, authority)
    found = standing(connection, node, one_placement(connection, who, authority, number))
    after = replace(found.considered, without=_said(node, who, why))
    _keep(connection, node, number, after, found.outcome)
    _note(connection, node, who, Action.KEEP_PLACEMENTS, authority, number, "goes on unapproved")


def require_approved(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    *,
    begins: bool = False,
) -> None:
    """Raise NotApproved for a placement that may not begin yet, or of which the area authority may
    not be told yet.
    """
    found = standing(connection, node, one_placement(connection, who, authority, number))
    held_up = found.goes_on_unsaid if begins else found.holds_up_notice
    if held_up and found.rule:
        raise NotApproved(
            f"The {found.rule.by} has not approved this placement. Have it approved, or say on its "
            "page why it goes on all the same."
        )


def _considered(
    connection: Connection, node: Node, number: str
) -> tuple[Considered, Outcome | None]:
    row = connection.execute(select(approval).where(approval.c.placement == number)).one_or_none()
    if row is None:
        return Considered(), None
    opened = Vault(connection, node).open(_TABLE, _BODY, number, row.body)
    return _CONSIDERED.decode(opened), row.outcome


def _keep(
    connection: Connection, node: Node, number: str, after: Considered, outcome: Outcome | None
) -> None:
    sealed = Vault(connection, node).seal(_TABLE, _BODY, number, msgspec.json.encode(after))
    connection.execute(delete(approval).where(approval.c.placement == number))
    connection.execute(
        insert(approval).values(
            placement=number, outcome=outcome, body=sealed, changed_at=node.now()
        )
    )


def _said(node: Node, who: Principal, text: str) -> Said:
    return Said(text, who.name, node.now().astimezone(UTC))


def _note(
    connection: Connection,
    node: Node,
    who: Principal,
    action: Action,
    authority: str,
    number: str,
    detail: str,
) -> None:
    note(
        connection,
        node,
        who,
        action,
        authority=authority,
        record=f"placement/{number}",
        detail=detail,
    )
