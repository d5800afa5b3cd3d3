"""What a search found, as rows of a table for people: `directory.exports` makes CSV of them.

It holds what the list of results shows, and where a home is never better than its authority.
"""

from directory.exports import Cell
from directory.homes.service import FoundHome

HEADINGS = (
    *("URN", "Name", "Provision", "Sector", "Provider", "Authority", "Region", "Places", "Status"),
    *("Overall judgement", "Inspected on", "Vouched for by", "Contested"),
)


def home_row(found: FoundHome) -> tuple[Cell, ...]:
    """One found home, in the order of HEADINGS."""
    home = found.record
    return (
        *(home.urn, home.name, home.provision, home.sector, home.provider),
        *(found.authority_name, found.region, home.places, home.status),
        home.judgement.overall if home.judgement else None,
        home.judgement.inspected_on if home.judgement else None,
        *(found.node, "yes" if found.contested else "no"),
    )
