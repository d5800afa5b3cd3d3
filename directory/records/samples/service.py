"""Sample homes of an authority: the same for the same seed, and none of them real.

Everything that leaves here says that it is a sample: the URN, which Ofsted would never give, the
source and the provider's name.
"""

from datetime import date, timedelta
from random import Random

from directory.country.authorities.service import Authority, by_gss
from directory.records.samples.names import house_names, provider_name
from directory.records.samples.profiles import describe, offer, profile_for
from directory.records.samples.spread import DESCRIBED, GRADES, PLACES, SECTORS, spread
from protocols.kinds import Source
from protocols.profiles import Profile
from protocols.records import Grade, Home, Judgement, Sector

MOST_HOMES = 400
AS_AT = date(2025, 3, 31)
_SOURCE = Source(name="Sample data: not a real home", as_at=AS_AT)
_FROM_BEST: tuple[Grade, ...] = (
    "Outstanding",
    "Good",
    "Requires improvement to be good",
    "Inadequate",
)


def sample_homes(authority_gss: str, seed: int = 1, count: int = 24) -> list[Home]:
    """`count` (1 to 400) invented homes that stand in this authority, ordered by URN.

    They are spread as England's are over places, sectors and grades; some 15 in a hundred are not
    yet inspected and 8 in a hundred not described. Raises UnknownAuthority, or ValueError for
    another count.
    """
    if not 1 <= count <= MOST_HOMES:
        raise ValueError(f"{count} sample homes cannot be made: ask for 1 to {MOST_HOMES}.")
    authority = by_gss(authority_gss)
    dice = Random(f"{authority.gss}/{seed}")  # noqa: S311 - nothing here is a secret
    drawn = zip(
        house_names(dice, count),
        spread(dice, PLACES, count),
        spread(dice, SECTORS, count),
        spread(dice, GRADES, count),
        spread(dice, DESCRIBED, count),
        strict=True,
    )
    return [
        _home(dice, authority, number, *choices) for number, choices in enumerate(drawn, start=1)
    ]


def sample_profiles(homes: list[Home], seed: int = 1) -> list[Profile]:
    """The profiles of those sample homes that are described."""
    dice = Random(f"profiles/{seed}")  # noqa: S311 - nothing here is a secret
    return [said for one in homes if (said := offer(dice, one, _SOURCE))]


def _home(
    dice: Random,
    authority: Authority,
    number: int,
    name: str,
    places: int,
    sector: Sector,
    grade: Grade | None,
    described: bool,
) -> Home:
    profile = profile_for(dice, places)
    description = describe(dice, profile, places)
    # A home is inspected within its first year, and again about once a year.
    age = dice.randrange(14, 300) if grade is None else dice.randrange(400, 5000)
    return Home(
        urn=f"SAMPLE-{authority.gss}-{number:03}",
        authority=authority.gss,
        provision="Children's home",
        sector=sector,
        status="Active",
        registered_on=AS_AT - timedelta(days=age),
        source=_SOURCE,
        name=name,
        provider=provider_name(dice, sector, authority.name),
        places=places,
        judgement=_judgement(dice, grade) if grade else None,
        short_breaks_only=profile.short_breaks,
        multi_building=places >= 10,
        description=description if described else None,
    )


def _judgement(dice: Random, overall: Grade) -> Judgement:
    """A judgement with its parts; leadership is where homes most often fall one grade short."""
    place = _FROM_BEST.index(overall)
    worse = _FROM_BEST[min(place + 1, len(_FROM_BEST) - 1)]
    return Judgement(
        inspected_on=AS_AT - timedelta(days=dice.randrange(7, 365)),
        overall=overall,
        protection=overall,
        leadership=worse if dice.random() < 0.2 else overall,
    )
