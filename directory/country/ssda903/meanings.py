"""What the codes of the return mean in the words of notices.

Source: Department for Education, guide to the SSDA903 collection, code sets PLACE and LS.
"""

from typing import Literal, TypeAlias

from protocols.notices import Setting

LegalStatus: TypeAlias = Literal["section 20", "section 21", "section 31", "section 38", "other"]

SETTINGS: dict[str, Setting] = {
    "K1": "secure home",
    "K2": "children's home",
    "K3": "supported accommodation",
    "H5": "supported accommodation",  # semi-independent living, until 2024
    "S1": "residential school",
    **dict.fromkeys(("U1", "U2", "U3"), "family and friends"),  # fostered by them
    **dict.fromkeys(("U4", "U5", "U6"), "foster care"),
}
"""By PLACE; every other code is "other". Z1 and what followed it in 2026 are among those: the code
alone does not say whether a place should have been registered."""

WITH_PARENTS = frozenset({"P1"})
"""With the child's own parents, or others with parental responsibility."""

FOR_ADOPTION = frozenset({"A3", "A4", "A5", "A6"})
"""Placed for adoption: under the Adoption and Children Act 2002, not under section 22C."""

TEMPORARY = frozenset({"T0", "T1", "T2", "T3", "T4"})
"""Away for a while, in hospital, on holiday or while carers are: the placement itself goes on."""

SHORT_BREAKS = frozenset({"V3", "V4"})
"""LS of an agreed series of short breaks, recorded each (V3) or together (V4)."""

_LEGAL: dict[str, LegalStatus] = {
    **dict.fromkeys(("V2", "V3", "V4"), "section 20"),
    **dict.fromkeys(("L1", "L2", "L3", "J1", "J2", "J3"), "section 21"),
    "C1": "section 38",
    "C2": "section 31",
}


def setting_of(place: str) -> Setting:
    """The kind of placement that a code of PLACE stands for."""
    return SETTINGS.get(place, "other")


def legal_status_of(code: str | None) -> LegalStatus:
    """The section of the Children Act 1989 that a code of LS stands for; of section 21 are police
    protection, emergency protection, remand and detention. "other" also where it is not known.
    """
    return _LEGAL.get(code or "", "other")
