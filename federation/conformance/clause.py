"""What a clause is, and how it says that it does not hold."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from federation.conformance.visit import Visit

Check: TypeAlias = "Callable[[Visit], None]"


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that holds of a node that conforms.

    `id` is the number of its section in `protocols/README.md`, a slash and a word. `says` is what
    holds, in words. One `for_members` can only be asked by a member.
    """

    id: str
    says: str
    for_members: bool
    check: Check

    @property
    def section(self) -> str:
        """The section that it is of."""
        return self.id.partition("/")[0]


class Broken(Exception):
    """The clause of this id does not hold. Whatever rests on it cannot be asked."""

    def __init__(self, clause: str, why: str) -> None:
        super().__init__(why)
        self.clause = clause
        self.why = why


class NotAsked(Exception):
    """There is nothing at this node on which the clause could be tried."""


def clause(name: str, *, for_members: bool = False) -> Callable[[Check], Clause]:
    """Make a clause of a check, which returns when it holds and raises Broken or NotAsked.

    What its docstring says is what holds.
    """

    def make(check: Check) -> Clause:
        said = " ".join((inspect.getdoc(check) or "").split())
        return Clause(name, said, for_members, check)

    return make
