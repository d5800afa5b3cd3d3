"""An authority's side: an officer says what they found of an item, which others then rely on.

The provider's staff gave the item and somebody of the authority checks it, so two people have read
what is published. What another authority has published can be checked again as it stands there. A
check is corrected by another, and taken back by saying so: the earlier ones stay readable.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from directory.country.reference.working_days import london_day
from directory.intake.screening.service import refuse_unfit
from directory.providers.diligence.errors import ChangedMeanwhile, NoSuchItem, OutOfDate
from directory.providers.diligence.files import file_of
from directory.providers.diligence.items import Facts, Item, items_through, note_outcome
from directory.providers.diligence.published import checks_of_item
from directory.providers.handins.answering import answer
from directory.records.publishing.service import publish
from directory.security.audit.service import note
from directory.security.rights.errors import ReasonWanted
from directory.security.rights.principal import Principal
from directory.security.rights.roles import Role
from directory.security.rights.service import LONGEST_REASON, SHORTEST_REASON, require
from directory.security.rights.table import Action
from federation import Node, hold
from protocols.attachments import MediaType
from protocols.diligence import Check, Outcome


@dataclass(frozen=True, slots=True)
class ToCheck:
    """An item that can be checked; `kept` as it stands here, if staff gave it or handed it in."""

    item: str
    provider: str
    urn: str | None
    facts: Facts
    kept: Item | None = None


def to_check(
    connection: Connection,
    replica: Connection,
    node: Node,
    who: Principal,
    authority: str,
    item: str,
) -> ToCheck:
    """The item of an id: as it was given here, or else as another authority checked it last.

    Raises NotAllowed, NoSuchItem.
    """
    for one in items_through(connection, node, who, authority):
        if one.id == item:
            place = one.subject
            return ToCheck(item, place.workplace.provider, place.urn, one.facts, one)
    checks = [one.record for one in checks_of_item(replica, who, item)]
    if not checks:
        raise NoSuchItem("There is no such item any more, or nobody has published a check of it")
    return as_published(max(checks, key=lambda one: (one.checked_on, one.authority)))


def read_file(
    connection: Connection, node: Node, who: Principal, authority: str, item: str
) -> tuple[MediaType, bytes] | None:
    """The document of an item that an authority is to check, if there is one; the look is in the
    audit. Raises NotAllowed.
    """
    for one in items_through(connection, node, who, authority):
        if one.id == item and one.has_file:
            action = "read a document of due diligence"
            note(connection, node, who, action, authority=authority, record=f"check/{item}")
            return file_of(connection, node, one.key)
    return None


def as_published(one: Check) -> ToCheck:
    """An item as a check says that it was."""
    facts = Facts(one.kind, one.issuer, one.reference, one.valid_from, one.valid_until)
    return ToCheck(one.item, one.provider, one.urn, facts)


def decide(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    item: ToCheck,
    outcome: Outcome,
    *,
    seen: str,
    reason: str = "",
) -> Check:
    """Say what was found of an item, or take back what was; in the caller's transaction. `seen` is
    of the facts that who checks was shown. The provider reads the reason, and no other member.

    Raises NotAllowed, ChangedMeanwhile, OutOfDate, ReasonWanted, NotFitToPublish.
    """
    require(who, Action.CHECK_DILIGENCE, authority)
    hold(connection, "due diligence")
    facts, today = item.facts, london_day(node.now())
    if seen != facts.seen:
        raise ChangedMeanwhile(
            "The provider has changed this item since you were shown it. Nothing was published. "
            "Look at it again below"
        )
    _refuse_out_of_date(outcome, facts.valid_until, today)
    why = reason.strip()
    if outcome != "in-order" and not SHORTEST_REASON <= len(why) <= LONGEST_REASON:
        raise ReasonWanted(
            f"Say why, in {SHORTEST_REASON} to {LONGEST_REASON} characters. The provider’s staff "
            "read it; other authorities do not"
        )
    refuse_unfit({"issuer": facts.issuer, "reference": facts.reference or ""})
    record = Check(
        authority=authority,
        item=item.item,
        provider=item.provider,
        kind=facts.kind,
        issuer=facts.issuer,
        checked_on=today,
        by=Role.COMMISSIONER,
        outcome=outcome,
        urn=item.urn,
        reference=facts.reference,
        valid_from=facts.valid_from,
        valid_until=facts.valid_until,
    )
    publish(connection, node, [record])
    if item.kept:
        note_outcome(connection, node, who, item.kept.key, outcome, why)
        _tell(connection, node, authority, item.kept, outcome, why)
    note(
        connection,
        node,
        who,
        Action.CHECK_DILIGENCE,
        authority=authority,
        record=f"check/{item.item}",
        reason=why,
        detail=f"{facts.kind} of {item.urn or item.provider}: {outcome}",
    )
    return record


def _tell(
    connection: Connection, node: Node, authority: str, item: Item, outcome: Outcome, why: str
) -> None:
    """Those who handed it in from elsewhere are told what was found."""
    if item.hand_in:
        answer(
            connection,
            node,
            hand_in=item.hand_in,
            through=item.subject.workplace.through,
            authority=authority,
            outcome="published" if outcome == "in-order" else "returned",
            reason=why,
        )


def _refuse_out_of_date(outcome: Outcome, valid_until: date | None, today: date) -> None:
    if outcome == "in-order" and valid_until is not None and valid_until < today:
        raise OutOfDate(
            "It has expired, so it is not in order. Say so, and the provider gives what has taken "
            "its place"
        )
