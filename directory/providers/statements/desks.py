"""At whose desk a statement of purpose is written: that of the officers of the authority where the
home stands, or that of the staff of the provider that runs it. Each has a draft of its own.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from directory.providers.vouching.running import RunHome, home_run
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node


@dataclass(frozen=True, slots=True)
class Desk:
    """The authority where a home stands, and the home. `claim`: by which the provider runs it,
    whose staff write; None where officers do.
    """

    authority: str
    urn: str
    claim: str | None = None


def require_at(connection: Connection, node: Node, who: Principal, desk: Desk) -> str:
    """Raise NotAllowed unless they may write there; gives the authority that keeps the audit."""
    if desk.claim is None:
        require(who, Action.WRITE_STATEMENTS, desk.authority)
        return desk.authority
    home = home_run(connection, node, who, desk.claim)
    if desk != desk_of(home):
        raise NotAllowed("You run another home by this claim.")
    return home.workplace.through


def desk_of(home: RunHome) -> Desk:
    """Where its staff write of a home."""
    return Desk(home.authority, home.urn, home.claim)
