"""The audit as people read it: in the cells of a table, and what to do when it is not sound."""

from directory.country.authorities.service import authority_name
from directory.security.audit.reading import Noted

NEXT = (
    "Stop the node, keep a copy of its data directory as it is, and tell whoever answers for "
    "information governance; then restore a backup that is sound."
)
HEADINGS = (
    *("Number", "Time (UTC)", "Who", "Name", "Action", "Authority", "Record", "Detail", "Reason"),
)


def cells(one: Noted) -> tuple[str | int | None, ...]:
    """A row for a spreadsheet, under HEADINGS."""
    authority = authority_name(one.authority) if one.authority else None
    return (
        *(one.seq, f"{one.at:%Y-%m-%dT%H:%M:%SZ}", one.who, one.who_name, one.action, authority),
        *(one.record, one.detail, why(one)),
    )


def why(one: Noted) -> str:
    """The reason that was given: empty where none was asked for."""
    return "(destroyed)" if one.reason is None else one.reason
