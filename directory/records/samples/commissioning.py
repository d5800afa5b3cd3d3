"""What an authority could want, made up, for trying the directory out.

The authority is a real one and its words are not: every name says so, and every address is at
example.org, which nobody can have.
"""

from datetime import date, timedelta
from random import Random

from directory.country.authorities.service import by_gss
from protocols.commissioning import (
    LEAST_TOLD,
    Commissioning,
    Demand,
    Framework,
    NeedTotal,
    Office,
    Planned,
    PositionStatement,
)

MADE_UP = "made up"
_NEEDS = ("autism", "emotional-behavioural", "mental-health", "self-harm", "exploitation")
_YEAR = timedelta(days=365)


def sample_commissioning(authority_gss: str, today: date) -> Commissioning:
    """An authority's wants, with days around `today`. Raises UnknownAuthority."""
    authority = by_gss(authority_gss)
    dice = Random(f"commissioning/{authority.gss}")  # noqa: S311 - nothing here is a secret
    at = f"{authority.gss.lower()}.example.org"
    return Commissioning(
        authority=authority.gss,
        as_at=today - timedelta(days=dice.randrange(3, 40)),
        referrals=Office(f"Placements team ({MADE_UP})", f"placements@{at}", "01632 960110"),
        notices=Office(f"Duty desk ({MADE_UP})", f"notices@{at}", "01632 960111"),
        statement=PositionStatement(
            f"Sufficiency and market position statement ({MADE_UP})",
            f"https://{at}/market-position",
            today - timedelta(days=dice.randrange(60, 300)),
        ),
        frameworks=(
            Framework(
                f"Homes for children with complex needs ({MADE_UP})",
                "Small homes with therapy, two to four places",
                "Answer the quality questions and three pen pictures. A visit follows within a "
                "month, and a place on the list within two.",
                opens=today - timedelta(days=20),
                closes=today + timedelta(days=dice.randrange(14, 60)),
                address=f"https://{at}/complex-needs",
            ),
            Framework(
                f"Open list of children's homes ({MADE_UP})",
                "Any home that Ofsted judges good or better",
                "Join at any time. Due diligence that another authority has checked is taken over.",
                closes=today + 2 * _YEAR,
                open_list=True,
            ),
        ),
        calendar=(
            Planned(f"Provider forum ({MADE_UP})", today + timedelta(days=dice.randrange(7, 40))),
            Planned(
                f"Tender for two homes for brothers and sisters ({MADE_UP})",
                today + timedelta(days=dice.randrange(60, 150)),
            ),
        ),
        demand=Demand(
            today - _YEAR,
            today,
            tuple(
                NeedTotal(need, LEAST_TOLD * times if (times := dice.randrange(0, 9)) else None)
                for need in _NEEDS
            ),
        ),
    )
