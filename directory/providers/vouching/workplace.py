"""A provider's side: its homes, wherever they stand, and what became of each claim to one.

Whoever asks is held to the table of rights, and to the providers for whom they work; each change is
in the audit of the authority that vouches for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection, delete, func, insert, select

from directory.providers.vouching.asking import lost, on_the_way, send_claim
from directory.providers.vouching.errors import AlreadyAsked, TooManyHomes
from directory.providers.vouching.models import provider_home
from directory.providers.vouching.register import KnownHome
from directory.providers.vouching.staff import Workplace, workplaces
from directory.security.audit.service import note
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import Principal
from directory.security.rights.service import may, require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Dispatch, Node, hold

MOST_HOMES = 1000
_TABLE = "provider_home"


@dataclass(frozen=True, slots=True)
class OwnHome:
    """A home that a provider runs, or says that it does. `authority` is where it stands."""

    id: str
    workplace: Workplace
    urn: str
    authority: str
    state: str
    asked_by: str
    asked_at: datetime
    answered_at: datetime | None
    reason: str
    dispatch: Dispatch | None
    """Where the message is by which another node was asked; None where none was needed."""


def own_homes(connection: Connection, node: Node, who: Principal) -> list[OwnHome]:
    """The homes of all for whom somebody works, by provider and URN. Raises NotAllowed."""
    require(who, Action.WORK_FOR_PROVIDER)
    found: list[OwnHome] = []
    for workplace in workplaces(connection, node, who):
        found += homes_of(connection, node, workplace)
    return found


def homes_of(connection: Connection, node: Node, workplace: Workplace) -> list[OwnHome]:
    """Every home that a provider has asked for, by URN."""
    rows = connection.execute(
        select(provider_home)
        .where(
            provider_home.c.through == workplace.through,
            provider_home.c.provider == workplace.provider,
        )
        .order_by(provider_home.c.urn)
    ).all()
    reasons = {row.id: row.reason for row in rows if row.reason}
    messages = on_the_way(connection, [row.id for row in rows])
    opened = Vault(connection, node).open_all(_TABLE, "reason", reasons)
    return [
        OwnHome(
            id=row.id,
            workplace=workplace,
            urn=row.urn,
            authority=row.authority,
            state=row.state,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            answered_at=row.answered_at,
            reason=opened.get(row.id, b"").decode(),
            dispatch=messages.get(row.id),
        )
        for row in rows
    ]


def run_from_here(connection: Connection) -> frozenset[str]:
    """The URNs of all homes whose providers have their staff's accounts on this node."""
    rows = connection.scalars(
        select(provider_home.c.urn).where(provider_home.c.state == "confirmed")
    )
    return frozenset(rows)


def ask_for(
    connection: Connection, node: Node, who: Principal, workplace: Workplace, home: KnownHome
) -> str:
    """Have the authority where a home stands say whether this provider runs it; gives the claim's
    id. A claim that was refused or lost, or has ended, is made anew.

    Raises NotAllowed, AlreadyAsked, TooManyHomes, NotReachable.
    """
    action = _require_for(connection, node, who, workplace)
    hold(connection, "homes of providers")
    theirs = (provider_home.c.through == workplace.through) & (
        provider_home.c.provider == workplace.provider
    )
    mine = theirs & (provider_home.c.urn == home.urn)
    before = connection.execute(
        select(provider_home.c.id, provider_home.c.state).where(mine)
    ).one_or_none()
    if before and before.state in ("asked", "confirmed") and not lost(connection, before.id):
        waits = "waits for the authority" if before.state == "asked" else "is among them"
        raise AlreadyAsked(f"{home.urn} was claimed before for {workplace.provider}, and {waits}")
    count = connection.scalar(select(func.count()).select_from(provider_home).where(theirs))
    if (count or 0) >= MOST_HOMES:
        raise TooManyHomes(f"A provider can have {MOST_HOMES:,} homes here, and no more")
    connection.execute(delete(provider_home).where(mine))
    claim = token_hex(16)
    connection.execute(
        insert(provider_home).values(
            id=claim,
            through=workplace.through,
            provider=workplace.provider,
            urn=home.urn,
            authority=home.authority,
            state="asked",
            asked_by=who.name[:200],
            asked_at=node.now(),
        )
    )
    send_claim(connection, node, workplace, home, claim=claim, asked_by=who.name[:200])
    note(
        connection,
        node,
        who,
        action,
        authority=workplace.through,
        record=f"home/{home.urn}",
        detail=f"claimed for {workplace.provider}",
    )
    return claim


def all_homes(connection: Connection, who: Principal, authority: str) -> Sequence[tuple[str, ...]]:
    """Provider, URN and state of every home that an authority's providers have asked for.

    Raises NotAllowed.
    """
    require(who, Action.MANAGE_PROVIDERS, authority)
    rows = connection.execute(
        select(provider_home.c.provider, provider_home.c.urn, provider_home.c.state)
        .where(provider_home.c.through == authority)
        .order_by(provider_home.c.provider, provider_home.c.urn)
    )
    return [tuple(row) for row in rows]


def _require_for(
    connection: Connection, node: Node, who: Principal, workplace: Workplace
) -> Action:
    """What they do it as: the provider's own staff, or an officer who vouches for them."""
    if may(who, Action.MANAGE_PROVIDERS, workplace.through):
        return Action.MANAGE_PROVIDERS
    require(who, Action.WORK_FOR_PROVIDER)
    if workplace not in workplaces(connection, node, who):
        raise NotAllowed("You do not work for this provider.")
    return Action.WORK_FOR_PROVIDER
