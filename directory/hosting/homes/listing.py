"""What homes have told an authority, beside what placing authorities have: one without the other
shows at once. The lists name nobody; a stay opens for a reason.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, func, or_, select

from directory.country.reference.working_days import london_day
from directory.hosting.homes.asking import Asked, askings
from directory.hosting.homes.errors import NoSuchHomeNotice
from directory.hosting.homes.models import home_notice
from directory.hosting.homes.placed import placed
from directory.notices.looking import note_look
from directory.notices.models import received_notice
from directory.notices.now import Now, now_of
from directory.privacy.restricting.service import require_open
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node
from protocols.residents import HomeNotice, decode_resident_body


@dataclass(frozen=True, slots=True)
class HomeSays:
    """That a home says that somebody lives there, without who. `notice` is the placing authority's
    of the same child, where `match` says that there is one; `differs`, in what. `one_ended`: of two
    that are matched, one says by today that it is over, and the other does not.
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


def home_notices(connection: Connection, node: Node, who: Principal, area: str) -> list[HomeSays]:
    """All that homes have told an authority, the latest first. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    listed, today = _listed(connection, area, select_all=True), london_day(node.now())
    ends = {
        row.id: row.ended_on
        for row in connection.execute(
            select(received_notice.c.id, received_notice.c.ended_on).where(
                received_notice.c.area_authority == area
            )
        )
    }
    return [
        replace(one, one_ended=_over(one.ended_on, today) != _over(ends.get(one.notice), today))
        if one.match in ("certain", "confirmed")
        else one
        for one in listed
    ]


def unmatched(connection: Connection, who: Principal, area: str) -> list[HomeSays]:
    """Who lives in homes of the area by the homes' word alone: what registers and inboxes show of
    children of whom no notice has come. Raises NotAllowed.
    """
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    return [one for one in _listed(connection, area, select_all=False) if one.ended_on is None]


def count_to_settle(connection: Connection, who: Principal, area: str) -> int:
    """How many stays wait for a notice, or for a person to look. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    open_ = or_(home_notice.c.match.is_(None), home_notice.c.match == "probable")
    return connection.scalar(select(func.count()).where(home_notice.c.area == area, open_)) or 0


def without_home_notice(
    connection: Connection, node: Node, who: Principal, area: str
) -> list[WithoutHome]:
    """The notices of children in registered homes, since begun and not ended, of whom the home has
    told nothing; the oldest first. Raises NotAllowed.
    """
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    matched = set(
        connection.scalars(
            select(home_notice.c.notice).where(
                home_notice.c.area == area, home_notice.c.notice.is_not(None)
            )
        )
    )
    today = london_day(node.now())
    missing = [
        one
        for one in placed(connection, node, area)
        if one.said.urn
        and one.notice not in matched
        and one.said.starts_on <= today
        and (one.ended_on is None or one.ended_on >= today)
    ]
    asked = askings(connection, area, "home", [one.notice for one in missing])
    return sorted(
        (
            WithoutHome(
                one.notice,
                one.said.urn or "",
                one.said.placing_authority,
                one.said.starts_on,
                asked.get(one.notice),
            )
            for one in missing
        ),
        key=lambda one: (one.starts_on, one.notice),
    )


def one_home_notice(
    connection: Connection, node: Node, who: Principal, area: str, number: str
) -> HomeSays:
    """One of them, without who. Raises NotAllowed, NoSuchHomeNotice."""
    for one in home_notices(connection, node, who, area):
        if one.number == number:
            return one
    raise NoSuchHomeNotice("No home has told this authority of such a stay")


def read_home_notice(
    connection: Connection, node: Node, who: Principal, area: str, number: str, reason: str
) -> tuple[HomeNotice, Now | None]:
    """All that a home says of a stay, and what the notice says now that is of the same child, or
    may be; each look is in the audit.

    Raises NotAllowed, ReasonWanted, NoSuchHomeNotice, or a VaultError.
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
    require_open(connection, who, area, f"notice/{known.notice}")
    row = connection.execute(
        select(received_notice).where(
            received_notice.c.id == known.notice, received_notice.c.area_authority == area
        )
    ).one_or_none()
    if row is None:
        return said, None
    note_look(connection, node, who, Action.READ_RECEIVED_NOTICES, area, known.notice, reason)
    return said, now_of(connection, node, "received", row)


def _listed(connection: Connection, area: str, *, select_all: bool) -> list[HomeSays]:
    names = [name for name in HomeSays.__dataclass_fields__ if name not in ("asked", "one_ended")]
    wanted = select(*(home_notice.c[name] for name in names)).where(home_notice.c.area == area)
    if not select_all:
        wanted = wanted.where(home_notice.c.match.is_(None))
    order = (home_notice.c.received_at.desc(), home_notice.c.number)
    rows = connection.execute(wanted.order_by(*order)).all()
    asked = askings(connection, area, "placing", [row.number for row in rows])
    return [HomeSays(**row._mapping, asked=asked.get(row.number)) for row in rows]


def _over(ended_on: date | None, today: date) -> bool:
    return ended_on is not None and ended_on <= today
