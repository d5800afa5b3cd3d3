"""What a search found, as rows of a table for people: `directory.exports` makes CSV of them.

It holds what the list of results shows, and where a home is never better than its authority.
"""

from directory.exports import Cell
from directory.homes.addresses import ofsted_address
from directory.homes.labels import NOT_DESCRIBED, needs_of, who_lives_there
from directory.homes.service import FoundHome

MOST = 10_000
"""Homes in one file."""
HEADINGS = (
    *("URN", "Name", "Provision", "Sector", "Provider", "Authority", "Region", "Places", "Status"),
    *("Overall judgement", "Inspected on", "Vouched for by", "Contested"),
    *("Cares for", "Needs", "Ofsted’s page"),
)


def home_row(found: FoundHome) -> tuple[Cell, ...]:
    """One found home, in the order of HEADINGS."""
    home, said = found.record, found.said
    return (
        *(home.urn, home.name, home.provision, home.sector, home.provider),
        *(found.authority_name, found.region, home.places, home.status),
        home.judgement.overall if home.judgement else None,
        home.judgement.inspected_on if home.judgement else None,
        *(found.node, "yes" if found.contested else "no"),
        who_lives_there(said) if said else NOT_DESCRIBED,
        ", ".join(needs_of(said)) if said else None,
        ofsted_address(home),
    )
