"""What the worker does about vacancies: our snapshot says what it should, and nothing too old."""

import msgspec

from directory.country.reference.working_days import london_day
from directory.providers.vacancies.rules import FORGOTTEN_AFTER
from directory.providers.vacancies.saying import SCHEMA, as_section, said_here
from directory.providers.vouching.claims import run_through_others
from directory.providers.vouching.workplace import run_from_here
from federation import Node, change_section, reading
from protocols.snapshots import Snapshot
from protocols.vacancies import MAX_VACANCIES, SaidElsewhere


def keep_vacancies(node: Node) -> None:
    """Let go of vacancies that nobody has confirmed for long, or of homes that the provider runs no
    longer; and name, for homes here whose providers are at another node, that node.
    """
    with reading(node.node_db) as connection:
        ours = run_from_here(connection)
        others = sorted(run_through_others(connection, node).items())
    elsewhere = tuple(SaidElsewhere(urn, name) for urn, name in others[:MAX_VACANCIES])
    today = london_day(node.now())

    def change(before: Snapshot | None) -> msgspec.Raw | None:
        still = [
            one
            for one in said_here(before).values()
            if one.urn in ours and today - one.said_on < FORGOTTEN_AFTER
        ]
        return as_section(still, elsewhere)

    change_section(node, SCHEMA, change)
