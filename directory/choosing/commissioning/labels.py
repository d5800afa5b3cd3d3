"""What the codes in demand are called on a page. A code of a later list is shown as it stands."""

from collections.abc import Mapping
from types import MappingProxyType

from directory.country.codes.service import known, needs

NEEDS: Mapping[str, str] = MappingProxyType(needs())
"""Codes of needs in the order of the list, and what each is called."""

FEW = "fewer than 5"


def need_name(code: str) -> str:
    """What a need is called."""
    return known()[code].label if code in known() else code
