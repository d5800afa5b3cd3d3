"""What homes have told an authority, beside what placing authorities have: one without the other
shows at once. The lists name nobody, and are counted and paged by the database, over an index that
holds what it needs, with nothing opened; a stay opens for a reason.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, TypeAlias, get_args

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from directory.country.reference.working_days import london_day
from directory.hosting.homes.asking import Asked, askings
from directory.hosting.homes.closed import closed_stays, require_stay_open
from directory.hosting.homes.errors import NoSuchHomeNotice
from directory.hosting.homes.models import home_notice
from directory.hosting.inbox.listing import is_live
from directory.notices.looking import note_look
from directory.notices.models import received_notice
from directory.notices.now import Now, now_of
from directory.privacy.restricting.children import children_of
from directory.privacy.restricting.closing import closed_children, closed_to
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node
from protocols.residents import HomeNotice, decode_resident_body

Told: TypeAlias = Literal["probable", "alone", "ended", "matched", "withdrawn"]
"""The lists of what homes have told: which may be of the child of a notice; those of whom no notice
has come; of two that are matched, one says by today that it is over, and the other does not; told
by both; taken back by the home.
"""
Section: TypeAlias = Told | Literal["missing"]
TOLD: tuple[Told, ...] = get_args(Told)
_home, _placed = home_notice.c, received_notice.c
_is_open = _home.withdrawn_at.is_(None)


@dataclass(frozen=True, slots=True)
class HomeSays:
    """That a home says that somebody lives there, without who. `notice` is the placing authority's
    of the same child, where `match` says that there is one; `differs`, in what. `one_ended`: it
    stands among those of which one alone says that it is over.
    """

    number: str
    urn: str
    placing_authority: str
    starts_on: date
    ended_on: date | None
    received_at: datetime
    notice: str | None
    match: str | None
    differs: str | None
    matched_by: str | None
    matched_at: datetime | None
    withdrawn_at: datetime | None
    asked: Asked | None = None
    one_ended: bool = False


@dataclass(frozen=True, slots=True)
class WithoutHome:
    """A notice of a child in a home that has told nothing of it."""

    notice: str
    urn: str
    placing_authority: str
    starts_on: date
    asked: Asked | None


def count_sections(
    connection: Connection, node: Node, who: Principal, area: str
) -> dict[Section, int]:
    """How many stand in each list, without what is closed to who asks. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    today = london_day(node.now())
    of_each = [(_is_in(one, area, today), one) for one in TOLD if one != "matched"]
    stands = select(case(*of_each, else_="matched").label("list")).where(
        _home.area == area, _stays_open(connection, node, who, area)
    )
    lists = stands.subquery().c.list
    rows = connection.execute(select(lists, func.count()).group_by(lists))
    told = {row[0]: row[1] for row in rows}
    of_homes = _missing(area, today) & _notices_open(connection, who, area)
    missing = connection.scalar(select(func.count(_placed.id)).where(of_homes)) or 0
    return {**{one: told.get(one, 0) for one in TOLD}, "missing": missing}


def home_notices(
    connection: Connection,
    node: Node,
    who: Principal,
    area: str,
    section: Told,
    *,
    skip: int = 0,
    limit: int | None = None,
) -> list[HomeSays]:
    """What homes have told an authority, of one list, the latest first, without what is closed to
    who asks: a line says in which home a child lives. Raises NotAllowed.
    """
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    wanted = (_home.area == area) & _is_in(section, area, london_day(node.now()))
    wanted &= _stays_open(connection, node, who, area)
    order = (_home.received_at.desc(), _home.number)
    page = select(_home.number).where(wanted).order_by(*order).offset(skip).limit(limit)
    found = _listed(connection, area, _home.number.in_(page.subquery().select()))
    return [replace(one, one_ended=section == "ended") for one in found]


def count_alone(connection: Connection, who: Principal, area: str) -> int:
    """How many live in homes of the area by the homes' word alone: of whom registers and inboxes
    show that no notice has come. Raises NotAllowed.
    """
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    return connection.scalar(select(func.count()).where(_is_alone(area))) or 0


def homes_alone(
    connection: Connection, node: Node, who: Principal, area: str
) -> list[tuple[str, str]]:
    """Of each of those, the number that names the stay, and the home (URN), without what is closed
    to who asks. Raises NotAllowed.
    """
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    open_ = _is_alone(area) & _stays_open(connection, node, who, area)
    rows = connection.execute(select(_home.number, _home.urn).where(open_))
    return [(row.number, row.urn) for row in rows]


def count_to_settle(connection: Connection, who: Principal, area: str) -> int:
    """How many stays wait for a notice, or for a person to look. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    open_ = _is_open & or_(_home.match.is_(None), _home.match == "probable")
    return connection.scalar(select(func.count()).where(_home.area == area, open_)) or 0


def without_home_notice(
    connection: Connection,
    node: Node,
    who: Principal,
    area: str,
    *,
    skip: int = 0,
    limit: int | None = None,
    notice: str | None = None,
) -> list[WithoutHome]:
    """The notices of children in registered homes, since begun and not ended, of whom the home has
    told nothing, without those that are closed to who asks; the oldest first. All, or one `notice`.
    Raises NotAllowed.
    """
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    wanted = _missing(area, london_day(node.now())) & _notices_open(connection, who, area)
    if notice is not None:
        wanted &= _placed.id == notice
    rows = connection.execute(
        select(_placed.id, _placed.urn, _placed.placing_authority, _placed.starts_on)
        .where(wanted)
        .order_by(_placed.starts_on, _placed.id)
        .offset(skip)
        .limit(limit)
    ).all()
    closed = closed_children(connection, node, who, area)
    if closed.children:
        children = children_of(connection, node, area, [f"notice/{row.id}" for row in rows])
        rows = [row for row in rows if closed.ask(children[f"notice/{row.id}"]) is None]
    asked = askings(connection, area, "home", [row.id for row in rows])
    return [WithoutHome(*row, asked.get(row.id)) for row in rows]


def one_home_notice(
    connection: Connection, node: Node, who: Principal, area: str, number: str
) -> HomeSays:
    """One of them, without who. Raises NotAllowed, NoSuchHomeNotice, Restricted."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    require_stay_open(connection, node, who, area, number)
    for one in _listed(connection, area, _home.number == number):
        return one
    raise NoSuchHomeNotice("No home has told this authority of such a stay")


def read_home_notice(
    connection: Connection, node: Node, who: Principal, area: str, number: str, reason: str
) -> tuple[HomeNotice, Now | None]:
    """All that a home says of a stay, and what the notice says now that is of the same child, or
    may be; each look is in the audit.

    Raises NotAllowed, ReasonWanted, NoSuchHomeNotice, Restricted, or a VaultError.
    """
    require(who, Action.READ_RECEIVED_NOTICES, area, reason)
    known = one_home_notice(connection, node, who, area, number)
    sealed = connection.scalar(select(home_notice.c.body).where(home_notice.c.number == number))
    body = Vault(connection, node).open("home_notice", "body", number, sealed or b"")
    said = decode_resident_body(body)
    if not isinstance(said, HomeNotice):
        raise NoSuchHomeNotice("What is kept under this number is no notice of a home")
    note(
        connection,
        node,
        who,
        Action.READ_RECEIVED_NOTICES,
        authority=area,
        record=f"home-notice/{number}",
        reason=reason,
    )
    if known.notice is None:
        return said, None
    row = connection.execute(
        select(received_notice).where(
            received_notice.c.id == known.notice, received_notice.c.area_authority == area
        )
    ).one_or_none()
    if row is None:
        return said, None
    note_look(connection, node, who, Action.READ_RECEIVED_NOTICES, area, known.notice, reason)
    return said, now_of(connection, node, "received", row)


def _listed(connection: Connection, area: str, which: ColumnElement[bool]) -> list[HomeSays]:
    names = [name for name in HomeSays.__dataclass_fields__ if name not in ("asked", "one_ended")]
    rows = connection.execute(
        select(*(_home[name] for name in names))
        .where(_home.area == area, which)
        .order_by(_home.received_at.desc(), _home.number)
    ).all()
    asked = askings(connection, area, "placing", [row.number for row in rows])
    return [HomeSays(**row._mapping, asked=asked.get(row.number)) for row in rows]


def _is_alone(area: str) -> ColumnElement[bool]:
    return and_(_home.area == area, _is_open, _home.match.is_(None), _home.ended_on.is_(None))


def _stays_open(
    connection: Connection, node: Node, who: Principal, area: str
) -> ColumnElement[bool]:
    closed = closed_stays(connection, node, who, area)
    return _home.number.not_in([one.removeprefix("home-notice/") for one in closed])


def _notices_open(connection: Connection, who: Principal, area: str) -> ColumnElement[bool]:
    closed = closed_to(connection, who, area)
    return _placed.id.not_in([one.removeprefix("notice/") for one in closed])


def _is_in(section: Told, area: str, today: date) -> ColumnElement[bool]:
    """Whether a stay stands in a list."""
    settled = and_(_is_open, _home.match.in_(("certain", "confirmed")))
    over_there = select(_placed.id).where(_placed.area_authority == area, _placed.ended_on <= today)
    one_ended = case((_home.ended_on <= today, 1), else_=0) != case(
        (_home.notice.in_(over_there), 1), else_=0
    )
    match section:
        case "probable":
            return and_(_is_open, _home.match == "probable")
        case "alone":
            return and_(_is_open, _home.match.is_(None))
        case "ended":
            return and_(settled, one_ended)
        case "matched":
            return and_(settled, ~one_ended)
        case "withdrawn":
            return ~_is_open


def _missing(area: str, today: date) -> ColumnElement[bool]:
    """Whether a notice is of a child in a home that has told nothing of it."""
    told = select(_home.notice).where(_home.area == area, _home.notice.is_not(None))
    return and_(
        _placed.area_authority == area,
        _placed.urn.is_not(None),
        _placed.starts_on <= today,
        is_live(today),
        _placed.id.not_in(told),
    )
