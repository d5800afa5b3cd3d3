"""What providers have with an authority follows it into the one that it was merged into: the homes
that they run, as was confirmed or asked, their staff's accounts, and their due diligence; and so
does what is kept of homes: drafts, what waits for release or an officer, guides, full documents and
the shortlists on which they stand.

Only where one other answers for the whole of its area (`authorities.former`); where it was divided,
people decide. Roles of an authority's own people never follow: what they open there is more than
they opened before.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, Table, delete, select, true, update

from directory.choosing.shortlists.models import shortlist
from directory.country.authorities.former import former_authorities
from directory.hosting.census.models import census
from directory.hosting.homes.models import home_notice
from directory.providers.accepting.models import handed_in
from directory.providers.diligence.models import diligence_item
from directory.providers.documents.models import document_asked, document_asking, full_document
from directory.providers.guides.following import follow_guides
from directory.providers.guides.models import guide
from directory.providers.handins.models import own_hand_in, taken_hand_in
from directory.providers.statements.models import statement_draft
from directory.providers.vouching.models import home_claim, provider_home
from directory.records.release.following import follow_held
from directory.records.release.models import held_record
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
    (diligence_item, "asked_of"),
    (own_hand_in, "authority"),
    (own_hand_in, "through"),
    (taken_hand_in, "through"),
    (held_record, "through"),
    (handed_in, "authority"),
    (handed_in, "through"),
    (statement_draft, "authority"),
    (full_document, "authority"),
    (document_asked, "authority"),
    (document_asking, "authority"),
    (shortlist, "authority"),
    (home_notice, "area"),
    (home_notice, "through"),
    (census, "area"),
    (role_grant, "authority"),
)
_OURS = (*_COLUMNS, (held_record, "authority"), (guide, "authority"))
"""The last two are sealed anew: there the authority stands in what is sealed, too."""
_THEIRS = ((provider_home, "authority"), (own_hand_in, "authority"), (guide, "authority"))


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
        one.gss: one.successors[0] for one in former_authorities() if len(one.successors) == 1
    }
    ours = {gss: to for gss, to in merged.items() if to in node.member.area}
    # A home that another node serves follows once the charter names nobody for its old authority.
    serving = node.charter.serving
    theirs = {
        gss: to
        for gss, to in merged.items()
        if gss not in ours and serving(to) and not serving(gss)
    }
    with reading(node.node_db) as connection:
        if not _held(connection, ours, _OURS) and not _held(connection, theirs, _THEIRS):
            return
    with writing(node.node_db) as connection:
        for gss in _held(connection, theirs, _THEIRS):
            follow_guides(connection, node, gss, theirs[gss])
            for table, name in _THEIRS[:2]:
                mine = table.c[name] == gss
                connection.execute(update(table).where(mine).values({name: theirs[gss]}))
        for gss in _held(connection, ours, _OURS):
            _follow(connection, node, gss, ours[gss])
            note(
                connection,
                node,
                Principal(f"node:{node.name}", node.name, frozenset()),
                "follow a merger of authorities",
                authority=ours[gss],
                detail=f"what providers have with {gss}, and what is kept of its homes",
            )


def _held(
    connection: Connection, merged: Mapping[str, str], columns: Iterable[tuple[Table, str]]
) -> list[str]:
    found: set[str] = set()
    for table, name in columns:
        mine = table.c[name].in_(merged) & _of_providers(table)
        found.update(connection.scalars(select(table.c[name]).where(mine).distinct()))
    return sorted(found)


def _follow(connection: Connection, node: Node, gss: str, successor: str) -> None:
    _drop_doubles(connection, gss, successor)
    follow_held(connection, node, gss, successor)
    follow_guides(connection, node, gss, successor)
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
