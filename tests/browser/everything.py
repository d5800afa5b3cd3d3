"""A node on which every page has something to show: made-up work of made-up people, on one node
that serves two authorities.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from directory.choosing.shortlists.service import shortlists
from directory.country.authorities.service import by_gss
from directory.demo.consortium import Site
from directory.demo.examples import furnish
from directory.demo.people import add_people, draw_pass
from directory.demo.places import Place, busiest_provider, homes_at
from directory.demo.trial import publish_own
from directory.notices.received import received
from directory.placing.register.service import placements
from directory.security.rights.principal import Principal, operator
from directory.security.rights.roles import Role
from federation import Node, OwnLog, deliver_due, follow, reading, sequence
from tests.directory.post import Door
from tests.directory.worlds import KENT, MEDWAY, two_served


@dataclass(frozen=True)
class Full:
    """The node, Kent's people on it, and what names its records in addresses."""

    node: Node
    people: Mapping[Role, Principal]
    names: Mapping[str, str]


@contextmanager
def a_full_node(folder: Path) -> Iterator[Full]:
    sites = [Site(gss, folder, 9, (by_gss(gss),)) for gss in (KENT, MEDWAY)]
    with two_served(folder) as node:
        for site in sites:
            publish_own(node, site, samples=True)
        sequence(node)
        follow(node, node.member, OwnLog(node.node_db))
        provider, pass_ = busiest_provider(sites), draw_pass()
        places = [
            Place(site, node, add_people(node, site, pass_, provider), homes_at(site))
            for site in sites
        ]
        assert furnish(places, provider, lambda come_true: come_true())
        deliver_due(node, Door(node, node.member))
        people, who = places[0].people, operator("tests")
        with reading(node.node_db) as connection:
            shortlist = shortlists(connection, node, who, KENT)[0].id
            notice = received(connection, who, KENT)[0].id
            placement = placements(connection, who, KENT)[0].id
        yield Full(
            node,
            people,
            {
                "urn": next(home.urn for home in places[0].homes if home.description),
                "shortlist": shortlist,
                "notice": notice,
                "placement": placement,
                "person": people[Role.COMMISSIONER].id.removeprefix("person:"),
                "role": Role.COMMISSIONER,
            },
        )
