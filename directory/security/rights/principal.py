"""Who asks: a person who signed in, an authority's system, or the operator of the machine."""

from dataclasses import dataclass

from directory.security.rights.roles import WHOLE_NODE, Role
from directory.security.rights.table import Holder


@dataclass(frozen=True, slots=True)
class Grant:
    """A role or scope, and the GSS code of the authority for which it holds.

    No authority: every one that the node serves, for the roles of the node alone.
    """

    holder: Holder
    authority: str | None = None

    def __post_init__(self) -> None:
        whole = self.holder in WHOLE_NODE or self.holder is Role.NOBODY
        if (self.authority is None) is not whole:
            raise ValueError(f"{self.holder}: a role of the node, or else one for an authority")

    def covers(self, authority: str) -> bool:
        """Whether it holds for the records of an authority."""
        return self.authority in (None, authority)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, as the audit names them: `person:<id>`, `system:<id>` or `operator:<login>`."""

    id: str
    name: str
    grants: frozenset[Grant]

    @property
    def signed_in(self) -> bool:
        """Whether they are anybody at all."""
        return any(grant.holder is not Role.NOBODY for grant in self.grants)


NOBODY = Principal("nobody", "", frozenset({Grant(Role.NOBODY)}))


def operator(login: str) -> Principal:
    """Who runs commands on the node's machine, by the name with which they logged in there."""
    return Principal(f"operator:{login}", login, frozenset({Grant(Role.OPERATOR)}))
