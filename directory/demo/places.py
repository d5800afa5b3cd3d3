"""The sites of a demonstration as its examples see them: node, people, and sample homes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from directory.demo.consortium import Site
from directory.records.samples.service import sample_homes
from directory.security.rights.principal import Principal
from directory.security.rights.roles import Role
from federation import Node
from protocols.records import Home


@dataclass(frozen=True, slots=True)
class Place:
    """A site of the demonstration that is alive, its node, its people and its sample homes."""

    site: Site
    node: Node
    people: Mapping[Role, Principal]
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
