"""What fills the pages of the demonstration: made-up work of made-up people, on real parts.

A provider with homes in two areas says its vacancies; a commissioner weighs homes of which the
next list changes something; words wait for release, a notice for its acknowledgement, a home for
its confirmation. Everything goes the way that it goes in earnest.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from directory.changes.noting import note_changes
from directory.demo.consortium import Site
from directory.demo.notices import fictional_notice
from directory.notices.sent import send_notice
from directory.ofsted.registrations import OfstedList
from directory.ofsted.service import import_list
from directory.providers.claims import claims_of, confirm
from directory.providers.register import known_homes
from directory.providers.staff import Workplace
from directory.providers.workplace import ask_for, own_homes
from directory.reference.working_days import london_day
from directory.release.service import hand_in
from directory.rights.principal import Principal, operator
from directory.rights.roles import Role
from directory.samples.commissioning import sample_commissioning
from directory.samples.lists import earlier_list, fallen, grown, latest_list
from directory.samples.service import sample_homes
from directory.shortlists.service import add_home, begin
from directory.vacancies.rules import may_say
from directory.vacancies.saying import say
from federation import Node, reading, writing
from protocols.records import Home
from protocols.vacancies import Vacancy

People = Mapping[Role, Principal]
Until = Callable[[Callable[[], bool]], bool]
_IN_EACH = 3
_WHO = operator("demo")


@dataclass(frozen=True, slots=True)
class Place:
    """A site of the demonstration that is alive, its node, its people and its sample homes."""

    site: Site
    node: Node
    people: People
    homes: Sequence[Home]

    @property
    def gss(self) -> str:
        """The authority whose people there are."""
        return self.site.authorities[0].gss


def homes_at(site: Site) -> list[Home]:
    """The sample homes of a site."""
    return [home for one in site.authorities for home in sample_homes(one.gss)]


def busiest_provider(sites: Sequence[Site]) -> str:
    """Who runs the most sample homes at the first two sites."""
    owners = Counter(home.provider for site in sites[:2] for home in homes_at(site))
    return owners.most_common(1)[0][0] or ""


def furnish(places: Sequence[Place], provider: str, until: Until) -> bool:
    """Do all of it, at the first site above all; whether what was asked of the second came back.

    `until` waits for something to come true, and says whether it has.
    """
    first, *others = places
    homes = [home for one in places for home in one.homes]
    for place in places:
        _import(place.node, earlier_list(homes))
    claimed = _claim(places[:2], provider)
    _weigh(first, homes, claimed)
    for place in places:
        _import(place.node, latest_list(homes))
    _hand_in(first)
    if others:
        _notify(others[-1], first)
    arrived = until(lambda: all(_waiting(place) for place in places[:2]))
    for place in places[:2]:
        _confirm(place)
    if not arrived or not until(lambda: _confirmed(first, len(claimed))):
        return False
    _say_vacancies(first, claimed)
    return True


def _import(node: Node, listed: OfstedList) -> None:
    with writing(node.node_db) as connection:
        result = import_list(
            connection, listed, file_name="samples.csv", digest=listed.sha256, now=node.now()
        )
        note_changes(connection, result, listed.as_at, node.now())


def _claim(places: Sequence[Place], provider: str) -> list[Home]:
    """Have the first site's provider claim homes at each."""
    first = places[0]
    theirs = [
        home
        for place in places
        for home in [one for one in place.homes if one.provider == provider][:_IN_EACH]
    ]
    workplace = Workplace(first.gss, provider)
    with writing(first.node.node_db) as connection, reading(first.node.replica) as replica:
        for home in known_homes(replica, [one.urn for one in theirs]).values():
            ask_for(connection, first.node, first.people[Role.PROVIDER], workplace, home)
    return theirs


def _waiting(place: Place) -> bool:
    with reading(place.node.node_db) as connection:
        return bool(claims_of(connection, _WHO, place.gss))


def _confirm(place: Place) -> None:
    with writing(place.node.node_db) as connection, reading(place.node.replica) as replica:
        for claim in claims_of(connection, _WHO, place.gss):
            home = known_homes(replica, [claim.urn]).get(claim.urn)
            confirm(connection, place.node, _WHO, place.gss, claim.number, home)


def _confirmed(place: Place, count: int) -> bool:
    with reading(place.node.node_db) as connection:
        own = own_homes(connection, place.node, place.people[Role.PROVIDER])
    return sum(one.state == "confirmed" for one in own) == count


def _say_vacancies(place: Place, homes: Sequence[Home]) -> None:
    today = london_day(place.node.now())
    soon = today + timedelta(days=9)
    said = (
        Vacancy("", 1, today, emergency=True),
        Vacancy("", 0, today),
        Vacancy("", 1, today - timedelta(days=9)),
        Vacancy("", 2, today, free_from=soon, sex="girls", youngest=10, oldest=14),
        Vacancy("", 1, today - timedelta(days=2)),
    )
    fit = [one for one in homes if may_say(one.places)]
    with writing(place.node.node_db) as connection, reading(place.node.replica) as replica:
        say(
            connection,
            replica,
            place.node,
            place.people[Role.PROVIDER],
            {home.urn: replace(one, urn=home.urn) for home, one in zip(fit, said, strict=False)},
        )


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
