"""What fills the pages of the demonstration: made-up work of made-up people, on real parts.

A provider with homes in two areas says its vacancies; a commissioner weighs homes of which the
next list changes something; words wait for release, a notice for its acknowledgement, a home for
its confirmation. Everything goes the way that it goes in earnest.
"""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from directory.choosing.changes.noting import note_changes
from directory.choosing.shortlists.service import add_home, begin
from directory.country.reference.working_days import london_day
from directory.demo.notices import fictional_notice
from directory.demo.placements import plan_placement
from directory.demo.places import Place
from directory.demo.providers import (
    are_confirmed,
    claim_homes,
    confirm_all,
    give_diligence,
    is_asked,
    say_vacancies,
    write_of_homes,
)
from directory.notices.sent import send_notice
from directory.records.ofsted.registrations import OfstedList
from directory.records.ofsted.service import import_list
from directory.records.release.service import hand_in
from directory.records.samples.commissioning import sample_commissioning
from directory.records.samples.lists import earlier_list, fallen, grown, latest_list
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, writing
from protocols.records import Home

Until = Callable[[Callable[[], bool]], bool]
_IN_EACH = 3
_WHO = operator("demo")


def furnish(places: Sequence[Place], provider: str, until: Until) -> bool:
    """Do all of it, at the first site above all; whether what was asked of the second came back.

    `until` waits for something to come true, and says whether it has.
    """
    first, *others = places
    homes = [home for one in places for home in one.homes]
    for place in places:
        _import(place.node, earlier_list(homes))
    claimed = claim_homes(first, places[:2], provider, _IN_EACH)
    claim_homes(first, places[2:3], provider, 1)  # which waits for somebody to confirm it
    _weigh(first, homes, claimed)
    for place in places:
        _import(place.node, latest_list(homes))
    _hand_in(first)
    if others:
        _notify(others[-1], first)
        plan_placement(first, others[-1])
    arrived = until(lambda: all(is_asked(place) for place in places[:2]))
    for place in places[:2]:
        confirm_all(place)
    if not arrived or not until(lambda: are_confirmed(first, len(claimed))):
        return False
    say_vacancies(first, claimed)
    give_diligence(first)
    write_of_homes(first)
    return True


def _import(node: Node, listed: OfstedList) -> None:
    with writing(node.node_db) as connection:
        result = import_list(
            connection, listed, file_name="samples.csv", digest=listed.sha256, now=node.now()
        )
        note_changes(connection, result, listed.as_at, node.now())


def _weigh(place: Place, homes: Sequence[Home], claimed: Sequence[Home]) -> None:
    """A shortlist of homes about which the latest list changes something, and of one elsewhere."""
    who, weighed = place.people[Role.COMMISSIONER], [fallen(homes), grown(homes), claimed[-1]]
    why = (
        "Experienced with what this child needs; ask how the night is staffed.",
        "Near the school, and has room for brothers and sisters.",
        "A therapist is on site; farther away than we would like.",
    )
    with writing(place.node.node_db) as connection:
        number = begin(connection, place.node, who, place.gss, "Example search 1")
        for home, reason in zip(weighed, why, strict=True):
            if home:
                add_home(connection, place.node, who, place.gss, number, home.urn, reason)


def _hand_in(place: Place) -> None:
    """New words, which the commissioner may release: somebody else has handed them in."""
    wants = sample_commissioning(place.gss, london_day(place.node.now()))
    forum = replace(wants.calendar[0], what="Provider forum on the new framework (made up)")
    with writing(place.node.node_db) as connection:
        hand_in(connection, place.node, _WHO, [replace(wants, calendar=(forum,))])


def _notify(placing: Place, area: Place) -> None:
    """A notice that waits for its acknowledgement."""
    with writing(placing.node.node_db) as connection:
        send_notice(
            connection,
            placing.node,
            _WHO,
            fictional_notice("DEMO-0002"),
            placing=placing.gss,
            area=area.gss,
        )
