"""What providers have with an authority follows it into the one that it was merged into: the homes
that they run, as was confirmed or asked, their staff's accounts, and their due diligence.

Only where one other answers for the whole of its area (`authorities.former`); where it was divided,
people decide. Roles of an authority's own people never follow: what they open there is more than
they opened before.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, Table, delete, select, true, update

from directory.country.authorities.former import former_authorities
from directory.hosting.census.models import census
from directory.hosting.homes.models import home_notice
from directory.providers.diligence.models import diligence_item
from directory.providers.vouching.models import home_claim, provider_home
from directory.security.audit.service import note
from directory.security.people.models import role_grant
from directory.security.rights.principal import Principal
from directory.security.rights.roles import Role
from federation import Node, reading, writing

_COLUMNS: tuple[tuple[Table, str], ...] = (
    (home_claim, "authority"),
    (home_claim, "through"),
    (provider_home, "authority"),
    (provider_home, "through"),
    (diligence_item, "through"),
    (home_notice, "area"),
    (home_notice, "through"),
    (census, "area"),
    (role_grant, "authority"),
)


class FollowMergers:
    """Looks once, at the start: the tables of authorities come with the software."""

    def __init__(self) -> None:
        self._done = False

    def __call__(self, node: Node) -> None:
        """Let what is kept for authorities that were merged into one served here follow."""
        if not self._done:
            follow_mergers(node)
        self._done = True


def follow_mergers(node: Node) -> None:
    """As FollowMergers, in a transaction of its own. What both had already stays as it is there."""
    merged = {
        one.gss: one.successors[0]
        for one in former_authorities()
        if len(one.successors) == 1 and one.successors[0] in node.member.area
    }
    with reading(node.node_db) as connection:
        if not _held(connection, merged):
            return
    with writing(node.node_db) as connection:
        for gss in _held(connection, merged):
            _follow(connection, gss, merged[gss])
            note(
                connection,
                node,
                Principal(f"node:{node.name}", node.name, frozenset()),
                "follow a merger of authorities",
                authority=merged[gss],
                detail=f"claims to homes and providers' staff of {gss}",
            )


def _held(connection: Connection, merged: Mapping[str, str]) -> list[str]:
    found: set[str] = set()
    for table, name in _COLUMNS:
        mine = table.c[name].in_(merged) & _of_providers(table)
        found.update(connection.scalars(select(table.c[name]).where(mine).distinct()))
    return sorted(found)


def _follow(connection: Connection, gss: str, successor: str) -> None:
    _drop_doubles(connection, gss, successor)
    for table, name in _COLUMNS:
        mine = (table.c[name] == gss) & _of_providers(table)
        connection.execute(update(table).where(mine).values({name: successor}))


def _of_providers(table: Table) -> ColumnElement[bool]:
    """Every row, but of roles only those of providers' staff."""
    return table.c.role == Role.PROVIDER if table is role_grant else true()


def _drop_doubles(connection: Connection, gss: str, successor: str) -> None:
    """Whoever has the same with both keeps what they have with the successor."""
    there = select(role_grant.c.person).where(
        role_grant.c.role == Role.PROVIDER, role_grant.c.authority == successor
    )
    connection.execute(
        delete(role_grant).where(
            role_grant.c.role == Role.PROVIDER,
            role_grant.c.authority == gss,
            role_grant.c.person.in_(there.scalar_subquery()),
        )
    )
    for row in connection.execute(
        select(provider_home.c.id, provider_home.c.provider, provider_home.c.urn).where(
            provider_home.c.through == gss
        )
    ).all():
        same = (
            (provider_home.c.through == successor)
            & (provider_home.c.provider == row.provider)
            & (provider_home.c.urn == row.urn)
        )
        if connection.scalar(select(provider_home.c.id).where(same)):
            connection.execute(delete(provider_home).where(provider_home.c.id == row.id))
