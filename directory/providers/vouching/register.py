"""What the directory says of homes: where they stand, and who runs them by Ofsted's list."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.country.authorities.former import former_of, standing_today, what_became
from directory.country.authorities.service import authority_name
from directory.homes.history import home_history
from directory.homes.service import homes_with
from directory.providers.vouching.errors import UnknownHome
from directory.providers.vouching.labels import plain


@dataclass(frozen=True, slots=True)
class KnownHome:
    """A home as the directory has it. `owner` and `places` are None where it does not say."""

    urn: str
    name: str | None
    owner: str | None
    places: int | None
    authority: str

    def is_run_by(self, provider: str) -> bool:
        """Whether the register names this provider, however it is spelt."""
        return self.owner is not None and plain(self.owner) == plain(provider)


def known_homes(replica: Connection, urns: Collection[str]) -> dict[str, KnownHome]:
    """The homes of these URNs of which all who publish them say the same area, by URN."""
    found = {}
    for urn, claims in homes_with(replica, urns).items():
        home = claims[0].record
        areas = {standing_today(one.record.authority) for one in claims}
        if len(areas) == 1:
            found[urn] = KnownHome(urn, home.name, home.provider, home.places, areas.pop())
    return found


def known_home(replica: Connection, urn: str) -> KnownHome:
    """The home of a URN. Raises UnknownHome."""
    claims = homes_with(replica, [urn]).get(urn, [])
    if not claims:
        _refuse_divided(replica, urn)
        raise UnknownHome(
            f"The directory has no home with the URN {urn}. Type it as Ofsted writes it, such as "
            "SC012345. The authority where the home stands has to publish it first"
        )
    areas = sorted({authority_name(standing_today(one.record.authority)) for one in claims})
    if len(areas) > 1:
        raise UnknownHome(
            f"{' and '.join(areas)} both say that {urn} stands in their area. Ask them to settle "
            "it; then claim the home"
        )
    return known_homes(replica, [urn])[urn]


def _refuse_divided(replica: Connection, urn: str) -> None:
    """Raise UnknownHome where the home was published for an authority whose area was divided."""
    for version in home_history(replica, urn):
        if version.ended_by is None and (former := former_of(version.record.authority)):
            raise UnknownHome(
                f"{urn} is published as standing in {former.name}. {what_became(former)}; one of "
                "them has to publish the home first. Ask them, and claim it then"
            )
