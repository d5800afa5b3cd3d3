"""What is kept of an approval: the steps before it, and the decision. Sealed."""

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

Outcome: TypeAlias = Literal["approved", "refused", "exempt"]

AREA_TOLD, AREA_CONSULTED = "area told", "area consulted"
"""Steps of the table of rules that this node knows by itself, once it has sent the message."""


class Said(Struct, frozen=True):
    """What somebody said, and when. `at` is in UTC."""

    text: str
    by: str
    at: datetime


class Considered(Struct, frozen=True, omit_defaults=True):
    """What is recorded of a placement's approval: `steps` by their code in the table of rules.

    `decision` is why it was approved, refused or exempt; `without` why it went on undecided.
    """

    steps: dict[str, Said] = {}
    decision: Said | None = None
    without: Said | None = None
