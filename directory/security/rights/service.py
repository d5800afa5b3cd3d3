"""Asking the table. Views, API and command line all come here before anything is read."""

from directory.security.rights.errors import NotAllowed, ReasonWanted
from directory.security.rights.principal import Principal
from directory.security.rights.table import RIGHTS, Action, Whose

SHORTEST_REASON = 5
LONGEST_REASON = 400


def may(who: Principal, action: Action, authority: str | None = None) -> bool:
    """Whether they may, with records of that authority (GSS code) where it is about one's."""
    row = RIGHTS[action]
    held = [grant for grant in who.grants if grant.holder in row.holders]
    if row.whose is not Whose.AUTHORITY:
        return bool(held)
    return authority is not None and any(grant.covers(authority) for grant in held)


def require(who: Principal, action: Action, authority: str | None = None, reason: str = "") -> None:
    """Raise NotAllowed unless they may; ReasonWanted where a reason is needed and there is none."""
    if not may(who, action, authority):
        raise NotAllowed(f"You have no role that may {action}, or not for this authority.")
    if RIGHTS[action].reason and not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise ReasonWanted(
            f"To {action}, say why, in {SHORTEST_REASON} to {LONGEST_REASON} characters. The "
            "reason is kept with your name."
        )


def authorities_for(who: Principal, action: Action, served: frozenset[str]) -> frozenset[str]:
    """Of the authorities that a node serves, those with whose records they may do this."""
    row = RIGHTS[action]
    held = {grant.authority for grant in who.grants if grant.holder in row.holders}
    if row.whose is not Whose.AUTHORITY or None in held:
        return served if held else frozenset()
    return served & held
