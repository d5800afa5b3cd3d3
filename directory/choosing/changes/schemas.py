"""What an address or a form asks of the changes; what makes no sense there is left out."""

from collections.abc import Mapping
from typing import get_args

from werkzeug.datastructures import MultiDict

from directory.choosing.changes.values import Area, ChangeFilter, Kind

_MOST = 10**9


def read_filter(said: Mapping[str, str]) -> ChangeFilter:
    """Which changes an address asks for."""
    kind, area = said.get("kind"), said.get("area")
    return ChangeFilter(
        seen=said.get("show") == "seen",
        kind=next((one for one in get_args(Kind) if one == kind), None),
        area=next((one for one in get_args(Area) if one == area), "everywhere"),
    )


def write_filter(wanted: ChangeFilter) -> dict[str, str]:
    """How an address asks for these."""
    said = {"show": "seen" if wanted.seen else "", "kind": wanted.kind or "", "area": wanted.area}
    return {name: value for name, value in said.items() if value and value != "everywhere"}


def read_ids(said: MultiDict[str, str], name: str) -> list[int]:
    """The ids that were ticked."""
    numbers = (int(one) for one in said.getlist(name) if one.isascii() and one.isdigit())
    return [number for number in numbers if number < _MOST]
