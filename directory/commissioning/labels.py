"""What the codes in demand are called on a page. A code of a later list is shown as it stands."""

from collections.abc import Mapping
from types import MappingProxyType

from directory.homes import labels

NEEDS: Mapping[str, str] = MappingProxyType(
    {str(code): name for code, name in labels.NEEDS.items()}
)
"""Codes of needs in the order of the list, and what each is called."""

FEW = "fewer than 5"


def need_name(code: str) -> str:
    """What a need is called."""
    return NEEDS.get(code, code)
