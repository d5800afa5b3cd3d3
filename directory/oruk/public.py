"""The services that are public: what authorities publish as commissioners, and who runs homes.

Nothing here says where a home is, or that a provider runs one in any place.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, select

from directory.choosing.commissioning.service import Wanted, all_wanted
from directory.homes.index import index_state
from directory.homes.labels import day
from directory.homes.models import provider
from directory.oruk.services import Organisation, Place, Service
from directory.oruk.taxonomies import term
from federation import Node
from protocols.commissioning import Framework

_lock = threading.Lock()
_known: dict[tuple[int, str, date], dict[str, Service]] = {}
_AUTHORITY = "A local authority that places looked-after children."
_PROVIDER = "Registered with Ofsted as running one or more children's homes."


def public_services(connection: Connection, node: Node, today: date) -> Mapping[str, Service]:
    """All of them by identifier: authorities by name, then providers by name.

    Anybody may ask for them: so they are made once for a state of the search tables, of the charter
    and a day.
    """
    state = (index_state(connection), node.charters.latest.digest, today)
    with _lock:
        if state not in _known:
            wanted = all_wanted(connection, node)
            made = [service for one in wanted for service in _offered(one, today)]
            _known.clear()
            _known[state] = {one.id: one for one in [*made, *_of_providers(connection)]}
        return _known[state]


def provider_organisation(name: str) -> Organisation:
    """Who runs homes, by the registered name."""
    return Organisation(f"provider/{name}", name, _PROVIDER)


def _offered(one: Wanted, today: date) -> Iterator[Service]:
    record, name = one.record, one.authority_name
    who = Organisation(f"authority/{record.authority}", name, _AUTHORITY, gss=record.authority)
    said = record.statement
    base = Service(
        key="",
        name=name,
        description="",
        organisation=who,
        terms=(),
        changed_at=one.published_at,
        assured_on=record.as_at,
        place=Place(record.authority, name, visited=False),
    )
    yield replace(
        base,
        key=f"commissioning/{record.authority}/referrals",
        name=f"{name}: referrals of children to homes",
        description="Whom providers turn to about referrals."
        + (f" Market position statement: {said.title}, {day(said.dated)}." if said else ""),
        terms=(term("kind", "referrals"),),
        url=said.address if said else "",
        office=record.referrals,
    )
    yield replace(
        base,
        key=f"commissioning/{record.authority}/notices",
        name=f"{name}: notices of children placed in its area",
        description="Whom other authorities turn to about notices of placements.",
        terms=(term("kind", "notices"),),
        office=record.notices,
    )
    for framework in record.frameworks:
        yield replace(
            base,
            key=f"commissioning/{record.authority}/framework/{framework.name}",
            name=f"{name}: {framework.name}",
            description=f"{framework.purpose}. How to join: {framework.joining}",
            terms=(term("kind", "open-list" if framework.open_list else "framework"),),
            status=_status(framework, today),
            url=framework.address or "",
            office=record.referrals,
            opens=framework.opens,
            closes=framework.closes,
        )


def _status(one: Framework, today: date) -> str:
    """Whether it can be joined today."""
    closed = one.closes is not None and one.closes < today
    return "inactive" if closed or (one.opens and one.opens > today) else "active"


def _of_providers(connection: Connection) -> list[Service]:
    """Each organisation once, whichever areas it runs homes in."""
    rows = connection.execute(select(provider.c.name, provider.c.sector)).all()
    sectors = dict(sorted((row.name, row.sector) for row in rows))
    return [
        Service(
            key=f"provider/{name}/homes",
            name=f"{name}: children's homes",
            description=_PROVIDER,
            organisation=provider_organisation(name),
            terms=(term("kind", "provider"), term("sector", sector)),
        )
        for name, sector in sectors.items()
    ]
