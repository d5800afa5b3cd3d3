"""The homes that somebody runs: those of the providers for whom they work, confirmed by the
authority where each stands. Who asks for another is refused, whatever the reason.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from directory.providers.vouching.models import provider_home
from directory.providers.vouching.staff import Workplace, workplaces
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node


@dataclass(frozen=True, slots=True)
class RunHome:
    """A home that a provider runs. `authority` is where it stands; the confirmed claim names it."""

    claim: str
    workplace: Workplace
    urn: str
    authority: str


def homes_run(connection: Connection, node: Node, who: Principal) -> list[RunHome]:
    """The homes that somebody runs, by provider and URN. Raises NotAllowed."""
    require(who, Action.WRITE_OF_OWN_HOMES)
    found = []
    for workplace in workplaces(connection, node, who):
        rows = connection.execute(
            select(provider_home.c.id, provider_home.c.urn, provider_home.c.authority)
            .where(
                provider_home.c.through == workplace.through,
                provider_home.c.provider == workplace.provider,
                provider_home.c.state == "confirmed",
            )
            .order_by(provider_home.c.urn)
        )
        found += [RunHome(row.id, workplace, row.urn, row.authority) for row in rows]
    return found


def home_run(connection: Connection, node: Node, who: Principal, claim: str) -> RunHome:
    """One of them, by its claim. Raises NotAllowed."""
    found = [one for one in homes_run(connection, node, who) if one.claim == claim]
    if not found:
        raise NotAllowed("You run no such home, or the authority there has not confirmed it.")
    return found[0]
