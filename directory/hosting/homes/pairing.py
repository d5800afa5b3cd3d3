"""Which home's notice and which placing authority's are of the same child: certain ones are matched
by the rule, a probable one when a person says so, and each match can be undone.

What a person has kept apart, the rule brings together no more.
"""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from directory.country.authorities.former import former_authorities, standing_today
from directory.hosting.homes.closed import require_stay_open
from directory.hosting.homes.errors import NoSuchHomeNotice
from directory.hosting.homes.likeness import Likeness, Said, compare
from directory.hosting.homes.models import home_notice, kept_apart
from directory.hosting.homes.placed import Placed, placed
from directory.notices.models import received_notice
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node
from protocols.residents import HomeNotice, decode_resident_body

_SETTLED = ("certain", "confirmed")
UNMATCHED: dict[str, object] = dict.fromkeys(
    ("notice", "match", "differs", "matched_by", "matched_at")
)
"""The columns of a stay that is matched with no notice."""


def pair(
    connection: Connection, node: Node, area: str, placing: Collection[str] | None = None
) -> None:
    """Match what is not matched yet in an area, of all placing authorities or some, in the caller's
    transaction. To do it again changes nothing.
    """
    codes = None if placing is None else _all_codes(placing)
    mine = home_notice.c.area == area
    withdrawn = select(received_notice.c.id).where(
        received_notice.c.area_authority == area, received_notice.c.withdrawn_at.is_not(None)
    )
    connection.execute(
        update(home_notice)
        .where(mine, home_notice.c.notice.in_(withdrawn.scalar_subquery()))
        .values(UNMATCHED)
    )
    open_ = (
        mine
        & home_notice.c.withdrawn_at.is_(None)
        & (home_notice.c.match.is_(None) | home_notice.c.match.not_in(_SETTLED))
    )
    if codes is not None:
        open_ &= home_notice.c.placing_authority.in_(codes)
    rows = connection.execute(select(home_notice).where(open_)).all()
    homes = _said_by_homes(connection, node, rows)
    if not homes:
        return
    taken = set(
        connection.scalars(
            select(home_notice.c.notice).where(mine, home_notice.c.match.in_(_SETTLED))
        )
    )
    notices = [one for one in placed(connection, node, area, codes) if one.notice not in taken]
    apart = {
        (row.number, row.notice)
        for row in connection.execute(
            select(kept_apart.c.number, kept_apart.c.notice).where(
                kept_apart.c.number.in_(homes.keys())
            )
        )
    }
    found = _best(homes, notices, apart)
    for number in homes:
        notice, likeness = found.get(number, (None, None))
        connection.execute(
            update(home_notice)
            .where(home_notice.c.number == number)
            .values(
                notice=notice,
                match=likeness.match if likeness else None,
                differs=", ".join(likeness.differs) if likeness else None,
                matched_by=None,
                matched_at=node.now() if likeness else None,
            )
        )


def confirm_match(
    connection: Connection, node: Node, who: Principal, area: str, number: str
) -> None:
    """Say that a probable match is one. Raises NotAllowed, NoSuchHomeNotice, Restricted."""
    require(who, Action.MATCH_NOTICES, area)
    require_stay_open(connection, node, who, area, number)
    done = connection.execute(
        update(home_notice)
        .where(_of(area, number), home_notice.c.match == "probable")
        .values(match="confirmed", matched_by=who.name[:200], matched_at=node.now())
    )
    if not done.rowcount:
        raise _gone()
    _note(connection, node, who, area, number, "confirmed as the same child")


def keep_them_apart(
    connection: Connection, node: Node, who: Principal, area: str, number: str
) -> None:
    """Say that a match, probable or made, is of two children; others are looked for then. Raises
    NotAllowed, NoSuchHomeNotice, Restricted.
    """
    require(who, Action.MATCH_NOTICES, area)
    require_stay_open(connection, node, who, area, number)
    row = connection.execute(
        select(home_notice.c.notice, home_notice.c.placing_authority).where(
            _of(area, number), home_notice.c.notice.is_not(None)
        )
    ).one_or_none()
    if row is None:
        raise _gone()
    pair_of_them = (kept_apart.c.number == number) & (kept_apart.c.notice == row.notice)
    connection.execute(delete(kept_apart).where(pair_of_them))
    connection.execute(
        insert(kept_apart).values(
            number=number, notice=row.notice, said_by=who.name[:200], said_at=node.now()
        )
    )
    connection.execute(update(home_notice).where(home_notice.c.number == number).values(UNMATCHED))
    _note(connection, node, who, area, number, "kept apart: two children")
    pair(connection, node, area, [row.placing_authority])


def _best(
    homes: dict[str, Said], notices: Collection[Placed], apart: set[tuple[str, str]]
) -> dict[str, tuple[str, Likeness]]:
    """The best notice of each, none twice. Where two are equally certain, a person decides."""
    by_authority: dict[str, list[Placed]] = defaultdict(list)
    for one in notices:
        by_authority[standing_today(one.said.placing_authority)].append(one)
    pairs = [
        (likeness, number, one.notice)
        for number, said in homes.items()
        for one in by_authority[standing_today(said.placing_authority)]
        if (number, one.notice) not in apart and (likeness := compare(said, one.said))
    ]
    certain = [one for one in pairs if one[0].match == "certain"]
    found: dict[str, tuple[str, Likeness]] = {}
    used: set[str] = set()
    for likeness, number, notice in sorted(pairs, key=lambda one: (-one[0].score, one[1:])):
        if number in found or notice in used:
            continue
        rivals = sum(number == one[1] or notice == one[2] for one in certain)
        if likeness.match == "certain" and rivals > 1:
            likeness = Likeness("probable", likeness.score, ("several alike",))
        found[number] = notice, likeness
        used.add(notice)
    return found


def _said_by_homes(
    connection: Connection, node: Node, rows: Collection[Row[tuple[object, ...]]]
) -> dict[str, Said]:
    by_number = {row.number: row for row in rows}
    opened = Vault(connection, node).open_all(
        "home_notice", "body", {number: row.body for number, row in by_number.items()}
    )
    found = {}
    for number, body in opened.items():
        said = decode_resident_body(body)
        if isinstance(said, HomeNotice):
            child = said.resident
            found[number] = Said(
                said.placing_authority,
                child.given_name,
                child.family_name,
                child.born_on,
                said.admitted_on,
                by_number[number].urn,
            )
    return found


def _all_codes(placing: Collection[str]) -> set[str]:
    """With those that were merged into them, or into which they were."""
    today = {standing_today(one) for one in placing}
    former = {one.gss for one in former_authorities() if standing_today(one.gss) in today}
    return {*placing, *today, *former}


def _of(area: str, number: str) -> ColumnElement[bool]:
    return (home_notice.c.area == area) & (home_notice.c.number == number)


def _gone() -> NoSuchHomeNotice:
    return NoSuchHomeNotice("This was settled meanwhile. The lists below are as they are now")


def _note(
    connection: Connection, node: Node, who: Principal, area: str, number: str, detail: str
) -> None:
    note(
        connection,
        node,
        who,
        Action.MATCH_NOTICES,
        authority=area,
        record=f"home-notice/{number}",
        detail=detail,
    )
