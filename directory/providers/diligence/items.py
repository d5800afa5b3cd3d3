"""A provider's side: the items that it gives once, and what came of the check of each.

An item is for the provider as a whole or for a home that it runs, as was confirmed. What is given
in place of an item keeps its id, and waits to be checked again; until then the earlier check
stands, with the facts that it was of.
"""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from secrets import token_hex

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from directory.providers.diligence.errors import NoSuchItem, NotOurs, TooManyItems
from directory.providers.diligence.files import destroy_files, keep_file, with_files
from directory.providers.diligence.models import WAITING, diligence_item
from directory.providers.vouching.staff import Workplace, workplaces
from directory.providers.vouching.workplace import own_homes
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, hold
from protocols.attachments import MediaType

MOST_ITEMS = 1000
TABLE = "diligence_item"
_item = diligence_item.c


@dataclass(frozen=True, slots=True)
class Subject:
    """What an item is about: a provider, through who vouches for its staff, or one of its homes."""

    workplace: Workplace
    urn: str | None


class Facts(msgspec.Struct, frozen=True):
    """What is said of an item. Days are inclusive."""

    kind: str
    issuer: str
    reference: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def seen(self) -> str:
        """Short for just these facts: who checks an item says with it what they were shown."""
        return sha256(msgspec.json.encode(self)).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it stands. `state` is waiting, or the outcome of the check by `through`.

    `id` is what checks name it by, and `key` its row here. One that was handed in has the `hand_in`
    by which it came.
    """

    id: str
    key: str
    subject: Subject
    facts: Facts
    entered_by: str
    entered_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    hand_in: str | None
    has_file: bool


def subjects(connection: Connection, node: Node, who: Principal) -> list[Subject]:
    """All that somebody's items can be about. Raises NotAllowed."""
    require(who, Action.GIVE_DILIGENCE)
    homes = [one for one in own_homes(connection, node, who) if one.state == "confirmed"]
    found: list[Subject] = []
    for workplace in workplaces(connection, node, who):
        found.append(Subject(workplace, None))
        found += [Subject(workplace, one.urn) for one in homes if one.workplace == workplace]
    return found


def own_items(connection: Connection, node: Node, who: Principal) -> list[Item]:
    """The items of all for whom somebody works, a provider's own first. Raises NotAllowed."""
    require(who, Action.GIVE_DILIGENCE)
    theirs = set(workplaces(connection, node, who))
    mine = _item.through.in_({one.through for one in theirs}) & _item.asked_of.is_(None)
    return [one for one in _items(connection, node, mine) if one.subject.workplace in theirs]


def items_through(connection: Connection, node: Node, who: Principal, authority: str) -> list[Item]:
    """Every item that an authority is to check: of the providers whose staff it vouches for, and
    what was handed in to it. Raises NotAllowed.
    """
    require(who, Action.CHECK_DILIGENCE, authority)
    return _items(connection, node, _checked_by(authority))


def enter(
    connection: Connection,
    node: Node,
    who: Principal,
    subject: Subject,
    facts: Facts,
    item: str | None = None,
    file: tuple[MediaType, bytes] | None = None,
) -> str:
    """Give an item, or what takes the place of one, with its clean document; gives its id.

    Raises NotAllowed, NotOurs, NoSuchItem, TooManyItems.
    """
    hold(connection, "due diligence")
    if subject not in subjects(connection, node, who):
        raise NotOurs("Choose your provider, or a home that is confirmed as yours")
    own = {one.id: one for one in own_items(connection, node, who)}
    if item is not None and item not in own:
        raise NoSuchItem("There is no such item of yours any more. Nothing was saved")
    of_provider = [one for one in own.values() if one.subject.workplace == subject.workplace]
    if item is None and len(of_provider) >= MOST_ITEMS:
        raise TooManyItems(f"A provider can have {MOST_ITEMS:,} items here, and no more")
    number = item or token_hex(16)
    _forget(connection, node, number)
    connection.execute(
        insert(diligence_item).values(
            id=number,
            through=subject.workplace.through,
            provider=subject.workplace.provider,
            urn=subject.urn,
            **msgspec.structs.asdict(facts),
            entered_by=who.name[:200],
            entered_at=node.now(),
            state=WAITING,
        )
    )
    if file:
        keep_file(connection, node, number, *file)
    _note(connection, node, who, subject, number, f"{facts.kind} given, and waits to be checked")
    return number


def take_back(connection: Connection, node: Node, who: Principal, item: str) -> None:
    """Take back an item that waits to be checked. Raises NotAllowed, NoSuchItem."""
    hold(connection, "due diligence")
    own = [one for one in own_items(connection, node, who) if one.id == item]
    if not own or own[0].state != WAITING:
        raise NoSuchItem("This item does not wait any more: it was checked or taken back meanwhile")
    _forget(connection, node, item)
    _note(connection, node, who, own[0].subject, item, f"{own[0].facts.kind} taken back")


def note_outcome(
    connection: Connection, node: Node, who: Principal, key: str, state: str, reason: str
) -> None:
    """Keep what came of the check of an item that is kept here; part of `checking.decide`."""
    sealed = Vault(connection, node).seal(TABLE, "reason", key, reason.encode())
    connection.execute(
        update(diligence_item)
        .where(_item.id == key)
        .values(
            state=state,
            decided_by=who.name[:200],
            decided_at=node.now(),
            reason=sealed if reason else None,
        )
    )


def count_to_check(connection: Connection, who: Principal, authority: str) -> int:
    """How many items wait for somebody's check. Raises NotAllowed."""
    require(who, Action.CHECK_DILIGENCE, authority)
    waits = _checked_by(authority) & (_item.state == WAITING)
    return connection.scalar(select(func.count()).select_from(diligence_item).where(waits)) or 0


def _checked_by(authority: str) -> ColumnElement[bool]:
    mine = _item.asked_of.is_(None) & (_item.through == authority)
    return mine | (_item.asked_of == authority)


def _items(connection: Connection, node: Node, which: ColumnElement[bool]) -> list[Item]:
    rows = connection.execute(
        select(diligence_item)
        .where(which)
        .order_by(
            diligence_item.c.provider,
            func.coalesce(diligence_item.c.urn, ""),
            diligence_item.c.kind,
            diligence_item.c.id,
        )
    ).all()
    sealed = {row.id: row.reason for row in rows if row.reason}
    reasons = Vault(connection, node).open_all(TABLE, "reason", sealed)
    filed = with_files(connection, [row.id for row in rows])
    return [_made(row, reasons.get(row.id, b"").decode(), row.id in filed) for row in rows]


def _made(row: Row[*tuple[object, ...]], reason: str, has_file: bool) -> Item:
    return Item(
        id=row.same_as or row.id,
        key=row.id,
        subject=Subject(Workplace(row.through, row.provider), row.urn),
        facts=Facts(row.kind, row.issuer, row.reference, row.valid_from, row.valid_until),
        entered_by=row.entered_by,
        entered_at=row.entered_at,
        state=row.state,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=reason,
        hand_in=row.hand_in,
        has_file=has_file,
    )


def _forget(connection: Connection, node: Node, item: str) -> None:
    connection.execute(delete(diligence_item).where(diligence_item.c.id == item))
    Vault(connection, node).destroy(TABLE, [item])
    destroy_files(connection, node, [item])


def _note(
    connection: Connection, node: Node, who: Principal, subject: Subject, item: str, detail: str
) -> None:
    note(
        connection,
        node,
        who,
        Action.GIVE_DILIGENCE,
        authority=subject.workplace.through,
        record=f"check/{item}",
        detail=f"{detail}, for {subject.urn or subject.workplace.provider}",
    )
