"""Two lists of sample homes, as if Ofsted had made them: of half a year ago, and of now.

Between them a judgement has fallen, a home has grown, one has closed and one is new.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from directory.country.authorities.service import by_gss
from directory.records.ofsted.registrations import OfstedList, Registration
from directory.records.samples.service import AS_AT
from protocols.records import Home

HALF_A_YEAR = timedelta(days=182)


def fallen(homes: Sequence[Home]) -> Home | None:
    """The home whose judgement has fallen between the lists."""
    worse = "Requires improvement to be good"
    return next((one for one in homes if one.judgement and one.judgement.overall == worse), None)


def grown(homes: Sequence[Home]) -> Home | None:
    """The home that is registered for more children than it was."""
    return next((one for one in homes if (one.places or 0) > 3 and one != fallen(homes)), None)


def earlier_list(homes: Sequence[Home]) -> OfstedList:
    """What the list of half a year ago said of these homes, of which there is one at least."""
    worse, more = fallen(homes), grown(homes)
    rows = []
    for one in homes[:-1]:
        row = _registration(one)
        if one is worse:
            row = replace(row, overall="Good", protection="Good", leadership="Good")
        if one is more:
            row = replace(row, places=(one.places or 2) - 1)
        rows.append(row)
    urn = f"SAMPLE-{homes[0].authority}-CLOSED"
    closed = replace(_registration(homes[0]), urn=urn, name="Marble Moth House")
    return _list([*rows, closed], HALF_A_YEAR)


def latest_list(homes: Sequence[Home]) -> OfstedList:
    """What the list of now says of them: the same as their records."""
    return _list([_registration(one) for one in homes], timedelta(0))


def _list(rows: list[Registration], ago: timedelta) -> OfstedList:
    digest = sha256(repr(rows).encode()).hexdigest()
    return OfstedList(AS_AT - ago, rows, [], len(rows), frozenset(one.urn for one in rows), digest)


def _registration(home: Home) -> Registration:
    authority, judged = by_gss(home.authority), home.judgement
    return Registration(
        urn=home.urn,
        provision_type=home.provision,
        registered_on=home.registered_on,
        status=home.status,
        name=home.name,
        authority_gss=authority.gss,
        authority_as_written=authority.name,
        region=authority.region,
        sector=home.sector,
        places=home.places,
        short_breaks_only=home.short_breaks_only,
        multi_building=home.multi_building,
        owner=home.provider,
        inspected_on=judged.inspected_on if judged else None,
        published_on=None,
        event_number=None,
        event_type="Full inspection" if judged else None,
        overall=judged.overall if judged else None,
        education=None,
        health=None,
        protection=judged.protection if judged else None,
        leadership=judged.leadership if judged else None,
    )
