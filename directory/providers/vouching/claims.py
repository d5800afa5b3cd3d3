"""The authority's side: who says that they run a home in its area, and whether they do.

One provider runs a home. A second claim is kept and shown, and confirmed only when the first has
ended. Each decision is in the audit, and goes back to the authority that vouches for the staff.
"""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection, delete, func, insert, select, update

from directory.providers.handins.ending import drop_of_claim
from directory.providers.vouching.answering import answer
from directory.providers.vouching.errors import AlreadyRun, NoSuchClaim, OtherOwner
from directory.providers.vouching.models import LONGEST_PROVIDER, home_claim
from directory.providers.vouching.register import KnownHome
from directory.security.audit.service import note
from directory.security.rights.errors import ReasonWanted
from directory.security.rights.principal import Principal
from directory.security.rights.service import LONGEST_REASON, SHORTEST_REASON, require
from directory.security.rights.table import Action
from federation import Node, hold
from protocols.providers import ClaimState

MOST_WAITING = 1000
_LOCK = "claims to homes"


@dataclass(frozen=True, slots=True)
class Claim:
    """That a provider runs a home. `run_by` is another that does, as was confirmed."""

    number: str
    through: str
    provider: str
    urn: str
    state: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    run_by: str | None = None


def take_claim(
    connection: Connection,
    node: Node,
    *,
    claim: str,
    through: str,
    authority: str,
    provider: str,
    urn: str,
    asked_by: str,
) -> None:
    """Keep a claim that was made through an authority until somebody here decides it.

    One that was made before for the same home and provider, and waits still, gives way to it. When
    too many wait through one authority, the claim is refused by itself.
    """
    waits = (
        (home_claim.c.through == through)
        & (home_claim.c.authority == authority)
        & (home_claim.c.state == "asked")
    )
    same = (home_claim.c.provider == provider) & (home_claim.c.urn == urn)
    connection.execute(delete(home_claim).where(waits, same))
    count = connection.scalar(select(func.count()).select_from(home_claim).where(waits)) or 0
    if count >= MOST_WAITING:
        answer(
            connection,
            node,
            claim=claim,
            through=through,
            authority=authority,
            state="refused",
            reason="Too many claims wait here already. Ask again when some are decided.",
        )
        return
    connection.execute(
        insert(home_claim).values(
            number=token_hex(16),
            through=through,
            id=claim,
            authority=authority,
            provider=provider[:LONGEST_PROVIDER],
            urn=urn,
            state="asked",
            asked_by=asked_by[:200],
            asked_at=node.now(),
        )
    )


def claims_of(connection: Connection, who: Principal, authority: str) -> list[Claim]:
    """The claims to homes in an authority's area: those that wait first, the oldest first of all;
    of what was refused or has ended nothing. Raises NotAllowed.
    """
    require(who, Action.MANAGE_PROVIDERS, authority)
    names = [name for name in Claim.__dataclass_fields__ if name != "run_by"]
    rows = connection.execute(
        select(*(home_claim.c[name] for name in names))
        .where(home_claim.c.authority == authority, home_claim.c.state.in_(("asked", "confirmed")))
        .order_by(home_claim.c.state, home_claim.c.asked_at, home_claim.c.number)
    ).all()
    runs = {row.urn: row.provider for row in rows if row.state == "confirmed"}
    return [
        Claim(**row._mapping, run_by=runs.get(row.urn) if row.state == "asked" else None)
        for row in rows
    ]


def run_through_others(connection: Connection, node: Node) -> dict[str, str]:
    """The homes here, by URN, of whose providers' staff another node's authority vouches, and the
    name of that node.
    """
    rows = connection.execute(
        select(home_claim.c.urn, home_claim.c.through).where(
            home_claim.c.state == "confirmed",
            home_claim.c.authority.in_(node.member.area),
            home_claim.c.through.not_in(node.member.area),
        )
    )
    served = {row.urn: node.charter.serving(row.through) for row in rows}
    return {urn: by[0].node for urn, by in served.items() if by is not None}


def count_asked(connection: Connection, who: Principal, authority: str) -> int:
    """How many claims wait for somebody's decision. Raises NotAllowed."""
    require(who, Action.MANAGE_PROVIDERS, authority)
    waits = (home_claim.c.authority == authority) & (home_claim.c.state == "asked")
    return connection.scalar(select(func.count()).select_from(home_claim).where(waits)) or 0


def confirm(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    home: KnownHome | None,
    *,
    looked_into: bool = False,
) -> Claim:
    """Say that this provider runs this home, which the directory knows so.

    Raises NotAllowed, NoSuchClaim, AlreadyRun, and OtherOwner where the register names another and
    nobody says that they have `looked_into` it.
    """
    claim = _claim(connection, who, authority, number, "asked")
    if claim.run_by:
        raise AlreadyRun(
            f"{claim.run_by} runs {claim.urn}, as was confirmed here. End that first, once you "
            "know that the home has changed hands"
        )
    if (home is None or not home.is_run_by(claim.provider)) and not looked_into:
        named = home.owner if home and home.owner else "nobody"
        raise OtherOwner(
            f"Ofsted’s list names {named} and not {claim.provider}. Say that you have checked "
            "that they run it"
        )
    _decide(connection, node, who, authority, claim, "confirmed", "")
    return claim


def refuse(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, reason: str
) -> Claim:
    """Say that this provider does not run this home, or no longer, with a reason for its staff.

    Raises NotAllowed, NoSuchClaim, ReasonWanted.
    """
    claim = _claim(connection, who, authority, number, "asked", "confirmed")
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise ReasonWanted(
            f"Say why, in {SHORTEST_REASON} to {LONGEST_REASON} characters. The provider’s staff "
            "read it"
        )
    state: ClaimState = "refused" if claim.state == "asked" else "ended"
    _decide(connection, node, who, authority, claim, state, reason.strip())
    return claim


def _decide(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    claim: Claim,
    state: ClaimState,
    reason: str,
) -> None:
    mine = home_claim.c.number == claim.number
    connection.execute(
        update(home_claim)
        .where(mine)
        .values(state=state, decided_by=who.name[:200], decided_at=node.now())
    )
    asked = connection.scalar(select(home_claim.c.id).where(mine)) or ""
    if state == "ended":
        drop_of_claim(connection, node, asked, claim.urn, claim.through)
    answer(
        connection,
        node,
        claim=asked,
        through=claim.through,
        authority=authority,
        state=state,
        reason=reason,
    )
    note(
        connection,
        node,
        who,
        Action.MANAGE_PROVIDERS,
        authority=authority,
        record=f"home/{claim.urn}",
        reason=reason,
        detail=f"{state} for {claim.provider}",
    )


def _claim(
    connection: Connection, who: Principal, authority: str, number: str, *states: str
) -> Claim:
    hold(connection, _LOCK)
    found = [one for one in claims_of(connection, who, authority) if one.number == number]
    if not found or found[0].state not in states:
        raise NoSuchClaim(
            "This claim was decided or made anew meanwhile. The list below is as it is now"
        )
    return found[0]
