"""Noting who was told of a placement and how, and who is not told and why.

Whoever asks is held to the table of rights first. Each look is for a reason, and each look and
change is in the audit, in the same transaction. Notice is withheld under regulation 13(3) of the
Care Planning, Placement and Case Review (England) Regulations 2010: one officer gives the reason,
and another, who may approve placements, decides.
"""

from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace
from sqlalchemy import Connection

from directory.country.rules.table import rules_for
from directory.placing.register.service import read_placement
from directory.placing.register.values import Whole
from directory.placing.telling.errors import CannotWithhold, NoSuchTelling, OwnRequest
from directory.placing.telling.rows import change, facts_of, held_row, seal, set_out
from directory.placing.telling.values import How, Telling
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node


@dataclass(frozen=True, slots=True)
class ToTell:
    """A placement, and everybody who has to be told of it."""

    whole: Whole
    everyone: tuple[Telling, ...]

    def one(self, number: str) -> Telling:
        """Raises NoSuchTelling."""
        found = next((one for one in self.everyone if one.id == number), None)
        if found is None:
            raise NoSuchTelling("There is nobody to tell under this number.")
        return found


def open_placement(
    connection: Connection, node: Node, who: Principal, authority: str, placement: str, reason: str
) -> ToTell:
    """Everybody who has to be told of a placement, by name; the look is in the audit. Raises
    NotAllowed, ReasonWanted, the register's NoSuchPlacement.
    """
    whole = read_placement(connection, node, who, authority, placement, reason)
    return ToTell(whole, tuple(set_out(connection, node, whole)))


def note_told(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    placement: str,
    number: str,
    how: How,
    on: date,
) -> None:
    """Note that somebody was told in writing, how, and on which day. Raises NotAllowed,
    NoSuchTelling.
    """
    require(who, Action.TELL_OF_PLACEMENTS, authority)
    held_row(connection, authority, placement, number)
    known = {"how": how, "told_on": on, "noted_by": who.name[:200]}
    change(connection, node, number, state="told", **known)
    _note(connection, node, who, authority, placement, number, f"told: {how}")


def note_not_needed(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    placement: str,
    number: str,
    reason: str,
) -> None:
    """Note that somebody need not be told, and why: there is nobody of this kind, or the regulation
    leaves them out. Raises NotAllowed, NoSuchTelling.
    """
    require(who, Action.TELL_OF_PLACEMENTS, authority)
    row = held_row(connection, authority, placement, number)
    sealed = seal(connection, node, number, replace(facts_of(connection, node, row), reason=reason))
    change(connection, node, number, state="not needed", body=sealed, noted_by=who.name[:200])
    _note(connection, node, who, authority, placement, number, "need not be told")


def take_back(
    connection: Connection, node: Node, who: Principal, authority: str, placement: str, number: str
) -> None:
    """Have somebody to tell again: what was noted was wrong, or holds no more. Raises NotAllowed,
    NoSuchTelling.
    """
    require(who, Action.TELL_OF_PLACEMENTS, authority)
    row = held_row(connection, authority, placement, number)
    sealed = seal(connection, node, number, replace(facts_of(connection, node, row), reason=None))
    nothing = dict.fromkeys(("how", "told_on", "asked_by", "decided_by", "before"))
    change(connection, node, number, state="open", body=sealed, noted_by=who.name[:200], **nothing)
    _note(connection, node, who, authority, placement, number, "to be told again")


def ask_to_withhold(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    placement: str,
    number: str,
    reason: str,
) -> None:
    """Ask that somebody is not told, and say why that would put the child at risk of significant
    harm. Raises NotAllowed, NoSuchTelling, CannotWithhold.
    """
    require(who, Action.TELL_OF_PLACEMENTS, authority)
    row = held_row(connection, authority, placement, number)
    if not rules_for(authority).recipient(row.kind).withheld:
        raise CannotWithhold("The regulation lets nobody withhold notice from this recipient")
    if row.state != "open":
        raise CannotWithhold("This is decided, or was told already. Open the list again")
    sealed = seal(connection, node, number, replace(facts_of(connection, node, row), reason=reason))
    asked = {"asked_by": who.id, "noted_by": who.name[:200]}
    change(connection, node, number, state="asked", body=sealed, **asked)
    _note(connection, node, who, authority, placement, number, "asked to withhold notice")


def decide_withholding(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    placement: str,
    number: str,
    approved: bool,
    reason: str,
) -> None:
    """Approve that somebody is not told, or have them told. `reason` is why the one who decides
    looked. Raises NotAllowed, NoSuchTelling, CannotWithhold when nobody asks for it, OwnRequest.
    """
    require(who, Action.APPROVE_WITHHOLDING, authority, reason)
    row = held_row(connection, authority, placement, number)
    if row.state != "asked":
        raise CannotWithhold("Nobody asks for this any more. Open the list again")
    if row.asked_by == who.id:
        raise OwnRequest("You asked for it yourself. Somebody else who may approve decides")
    state = "withheld" if approved else "open"
    change(connection, node, number, state=state, decided_by=who.name[:200])
    note(
        connection,
        node,
        who,
        Action.APPROVE_WITHHOLDING,
        authority=authority,
        record=f"placement/{placement}",
        reason=reason,
        detail=f"telling/{number}: {'approved' if approved else 'not approved'}",
    )


def reach_by(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    placement: str,
    number: str,
    *,
    name: str | None,
    address: str | None,
    email: str | None,
) -> None:
    """Say who somebody is and how they are reached. Raises NotAllowed, NoSuchTelling."""
    require(who, Action.TELL_OF_PLACEMENTS, authority)
    row = held_row(connection, authority, placement, number)
    facts = facts_of(connection, node, row)
    sealed = seal(connection, node, number, replace(facts, name=name, address=address, email=email))
    change(connection, node, number, body=sealed)
    _note(connection, node, who, authority, placement, number, "how they are reached")


def note_letter(
    connection: Connection, node: Node, who: Principal, authority: str, placement: str, number: str
) -> None:
    """Note that a letter was made, which is not yet that it was sent. Raises NotAllowed."""
    require(who, Action.TELL_OF_PLACEMENTS, authority)
    _note(connection, node, who, authority, placement, number, "letter made")


def _note(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    placement: str,
    number: str,
    detail: str,
) -> None:
    note(
        connection,
        node,
        who,
        Action.TELL_OF_PLACEMENTS,
        authority=authority,
        record=f"placement/{placement}",
        detail=f"telling/{number}: {detail}",
    )
