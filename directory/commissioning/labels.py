"""What the codes in demand are called on a page. A code of a later list is shown as it stands."""

from directory.codes.service import known

FEW = "fewer than 5"


def need_name(code: str) -> str:
    """What a need is called."""
    return known()[code].label if code in known() else code
