"""What every message about a child says of itself: what it is for, and on what legal ground."""

from msgspec import Struct

from protocols.kinds import Line


class Purposed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of bodies. `purpose` and `lawful_basis` stand last of those members that it must have,
    in words: which law asks for the message, and what allows it (UK GDPR, articles 6 and 9).
    """

    purpose: Line
    lawful_basis: Line
