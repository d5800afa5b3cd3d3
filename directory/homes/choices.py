"""Which regions and authorities a search can be narrowed to: those where this node knows a home.

An authority of England without any home is still accepted in an address, so that a link to it
leads to "none" and not to an error.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from directory.country.authorities.errors import UnknownAuthority
from directory.country.authorities.service import REGIONS, by_gss
from directory.homes.index import AuthorityChoice, home_index


@dataclass(frozen=True, slots=True)
class Choices:
    """Regions from north to south, and authorities by GSS code in the order of their names."""

    regions: tuple[str, ...]
    authorities: dict[str, AuthorityChoice]

    def knows_region(self, region: str) -> bool:
        """Whether there is such a region, with homes or without."""
        return region in REGIONS or region in self.regions

    def authority(self, code: str) -> AuthorityChoice | None:
        """The authority of a code, with homes or without; None if there is no such authority."""
        if code in self.authorities:
            return self.authorities[code]
        try:
            known = by_gss(code)
        except UnknownAuthority:
            return None
        return AuthorityChoice(known.gss, known.name, known.region)


def choices(connection: Connection) -> Choices:
    """What there is to choose from now."""
    held = home_index(connection).authorities
    present = {authority.region for authority in held.values()}
    return Choices(
        regions=(*filter(present.__contains__, REGIONS), *sorted(present - set(REGIONS))),
        authorities={
            one.gss: one for one in sorted(held.values(), key=lambda one: (one.name, one.gss))
        },
    )
