"""From a return (SSDA903) of any year to placements: Episodes, and Header where there is one.

Left out are days away in hospital or on holiday, when the placement goes on, and placements for
adoption, which are made under other regulations. The return knows no names and no emergencies.
"""

from collections.abc import Iterator
from datetime import date
from typing import IO

from directory.country.ssda903.episodes import Episode, read_episodes
from directory.country.ssda903.errors import Fault
from directory.country.ssda903.header import Child, read_header
from directory.country.ssda903.meanings import FOR_ADOPTION, TEMPORARY, legal_status_of, setting_of
from directory.country.ssda903.placements import Placed, placements_of
from directory.country.ssda903.where import Areas
from directory.placing.importing.errors import OtherPeriod
from directory.placing.importing.values import Draft, Incoming, Trouble
from directory.placing.register.values import ChildFacts, PlacementFacts
from directory.placing.register.where import area_told_by
from federation import Node

_LEFT_OUT = FOR_ADOPTION | TEMPORARY


def read_return(
    node: Node, episodes: IO[bytes], header: IO[bytes] | None, as_at: date | None
) -> Draft:
    """What a return tells that was so on a day, and what is wrong with its cells. Raises ssda903's
    ReturnError, OtherPeriod.
    """
    troubles: list[Trouble] = []
    children: dict[str, Child] = {}
    for row in read_header(header) if header else ():
        if isinstance(row, Fault):
            troubles.append(Trouble(row.row, f"Header, {row.column}", row.reason))
        else:
            children[row.identifier] = row
    kept: list[Episode] = []
    left_out = 0
    for found in read_episodes(episodes):
        if isinstance(found, Fault):
            troubles.append(Trouble(found.row, f"Episodes, {found.column}", found.reason))
        elif found.place in _LEFT_OUT:
            left_out += 1
        else:
            kept.append(found)
    if as_at and any(max(one.began, one.ended or one.began) > as_at for one in kept):
        raise OtherPeriod(
            "The return tells of days after that. Enter the last day of the period that it is of"
        )
    areas = Areas(lambda urn: area_told_by(node, None, urn))
    incoming = tuple(_incoming(placements_of(kept), children, areas))
    return Draft("ssda903", incoming, tuple(troubles), left_out, as_at=as_at)


def _incoming(
    placed: Iterator[Placed], children: dict[str, Child], areas: Areas
) -> Iterator[Incoming]:
    for one in placed:
        now, known = one.now, children.get(one.child)
        yield Incoming(
            row=one.row,
            child=ChildFacts(
                one.child,
                born_on=known.born_on if known else None,
                sex=known.sex if known else None,
                legal_status=legal_status_of(now.legal_status) if now.legal_status else None,
            ),
            starts_on=one.began,
            ends_on=one.ended,
            area=areas.of(now).authority,
            short_breaks=one.short_breaks,
            began_before=one.began_before,
            facts=PlacementFacts(setting=setting_of(now.place), address=now.postcode, urn=now.urn),
        )
