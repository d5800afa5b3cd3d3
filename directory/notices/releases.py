"""In which form a notice goes: the node of the area may be of a release that knows only the first.

A notice must not be lost because one member upgrades after another. Before it goes out, the version
that the other node last said is looked up; where it is older, or was never heard, `notice/1` goes,
which every release reads. What is kept here says all of it either way.
"""

import re

from federation import Node, contacts, reading
from protocols.notices import Notice, PlacementNotice

FIRST = (0, 2)
"""The first release whose nodes read `notice/2`."""


def as_they_read(node: Node, notice: Notice, area: str) -> Notice:
    """The notice in the newest form that the node of the area (GSS code) is known to read."""
    return notice if knows_second(node, area) else as_first(notice)


def as_first(notice: Notice) -> Notice:
    """The same notice as `notice/1`."""
    if not isinstance(notice, PlacementNotice):
        return notice
    return Notice(**{name: getattr(notice, name) for name in Notice.__struct_fields__})


def knows_second(node: Node, area: str) -> bool:
    """Whether the node that serves an authority is known to be of a release that reads `notice/2`
    and what follows a notice.
    """
    serving = node.charter.serving(area)
    if serving is None:
        return False
    name = serving[0].node
    if name == node.name:
        return True
    with reading(node.replica) as connection:
        known = contacts(connection).get(name)
    return known is not None and _release(known.version or "") >= FIRST


def _release(version: str) -> tuple[int, int]:
    """The first two numbers of a version; of none, the lowest there is."""
    found = re.match(r"([0-9]{1,4})\.([0-9]{1,4})(?![0-9])", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)
