"""Handing in, releasing and returning records of homes, their profiles and statements of purpose,
and of what authorities want.

What is new or changed in a record's free texts has to be released by somebody else than who handed
it in. Known are the texts of the latest version, wherever in it they stand, and of the register:
Ofsted's own. A record without new text goes to the log at once. What a text must not say,
`directory.screening` refuses, when it is handed in and again when it is released.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import TypeAlias

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from directory.audit.service import note
from directory.handins.answering import answer
from directory.ofsted.service import listed_homes
from directory.publishing.models import withheld
from directory.publishing.service import (
    PROFILE_SOURCE,
    PROVIDER_SOURCE,
    home_record,
    of_home,
    profile_of,
    publish,
    reference_of,
    statement_of,
)
from directory.release.errors import NoSuchRelease, NotHandedIn, OthersWait, SamePerson
from directory.release.models import held_record
from directory.rights.principal import Principal
from directory.rights.service import require
from directory.rights.table import Action
from directory.screening.service import free_texts, refuse_unfit
from directory.vault.service import Vault
from federation import Node, hold, latest_records
from protocols.commissioning import Commissioning
from protocols.handins import Outcome
from protocols.profiles import Profile
from protocols.records import Home, decode_record, encode_record
from protocols.statements import Statement

Written: TypeAlias = Home | Profile | Commissioning | Statement
_TABLE = "held_record"


@dataclass(frozen=True, slots=True)
class Change:
    """A free text that is new: where it stands, what stands there now, and what is to."""

    place: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of records: how many went to the log, and the ids of those that wait."""

    published: int
    unchanged: int
    waiting: list[str]


@dataclass(frozen=True, slots=True)
class Origin:
    """That something came from a provider's staff: what they call it, and the authority that
    vouches for them (GSS code). What becomes of it is told there.
    """

    hand_in: str
    through: str


@dataclass(frozen=True, slots=True)
class Held:
    """A record that waits, or that was returned to who handed it in, and why."""

    id: str
    record: Written
    changes: list[Change]
    handed_in_by: str
    handed_in_name: str
    handed_in_at: datetime
    returned_by: str | None
    returned_at: datetime | None
    reason: str


def hand_in(
    connection: Connection, node: Node, who: Principal, records: Iterable[Written]
) -> HandedIn:
    """Publish those records that say nothing new in words, and hold the others for a second person,
    in the caller's transaction on `node.db`. All or nothing.

    Raises NotAllowed, NotHandedIn, NotFitToPublish.
    """
    hold(connection, "publish")
    handed = list(records)
    for record in handed:
        _refuse_foreign(connection, node, record)
        require(who, Action.HAND_IN_RECORDS, record.authority)
        refuse_unfit(free_texts(record))
    return _take(connection, node, who, handed, None)


def hand_in_for(
    connection: Connection, node: Node, who: Principal, record: Profile | Statement, origin: Origin
) -> bool:
    """The same for what came from a provider's staff, whose home the caller knows it to be; gives
    whether it waits. Of the same provider it takes the place of what waits.

    Raises NotHandedIn, NotFitToPublish; OthersWait where the authority's own version does.
    """
    hold(connection, "publish")
    _refuse_foreign(connection, node, record)
    refuse_unfit(free_texts(record))
    reference = reference_of(record)
    theirs = connection.scalar(
        select(held_record.c.id).where(
            held_record.c.reference == reference,
            held_record.c.hand_in.is_(None),
            held_record.c.returned_at.is_(None),
        )
    )
    if theirs:
        raise OthersWait(
            "The authority has a version of its own that waits for release. Hand yours in when "
            "that has been decided"
        )
    drop_held(connection, node, reference, why=None)
    if _take(connection, node, who, [record], origin).waiting:
        return True
    _tell(connection, node, record.authority, origin, "published")
    return False


def _take(
    connection: Connection,
    node: Node,
    who: Principal,
    handed: Sequence[Written],
    origin: Origin | None,
) -> HandedIn:
    known = _known_texts(connection, handed)
    plain: list[Written] = []
    waiting: list[str] = []
    for record in handed:
        reference = reference_of(record)
        new = bool(_changes(record, known[reference]))
        if new:
            waiting.append(_hold_back(connection, node, who, record, origin))
        else:
            plain.append(record)
        note(
            connection,
            node,
            who,
            Action.HAND_IN_RECORDS,
            authority=record.authority,
            record=reference,
            detail="waits for release" if new else "says nothing new in words",
        )
    done = publish(connection, node, plain)
    return HandedIn(
        done.homes + done.profiles + done.commissioning + done.statements, done.unchanged, waiting
    )


def held_records(connection: Connection, node: Node, who: Principal, authority: str) -> list[Held]:
    """What waits of an authority's, the oldest first, and what was returned. Raises NotAllowed."""
    require(who, Action.LIST_RELEASES, authority)
    rows = connection.execute(
        select(held_record)
        .where(held_record.c.authority == authority)
        .order_by(held_record.c.handed_in_at, held_record.c.id)
    ).all()
    vault = Vault(connection, node)
    records = [_record(vault, row) for row in rows]
    known = _known_texts(connection, records)
    return [
        Held(
            id=row.id,
            record=record,
            changes=_changes(record, known[reference_of(record)]),
            handed_in_by=row.handed_in_by,
            handed_in_name=row.handed_in_name,
            handed_in_at=row.handed_in_at,
            returned_by=row.returned_by,
            returned_at=row.returned_at,
            reason=vault.open(_TABLE, "reason", row.id, row.reason).decode() if row.reason else "",
        )
        for row, record in zip(rows, records, strict=True)
    ]


def count_held(connection: Connection, who: Principal, authority: str) -> tuple[int, int]:
    """How many records wait that somebody may release, and how many were returned to them.

    Raises NotAllowed.
    """
    require(who, Action.LIST_RELEASES, authority)
    columns = held_record.c
    is_own, is_back = columns.handed_in_by == who.id, columns.returned_at.is_not(None)
    row = connection.execute(
        select(
            func.count().filter(~is_own, ~is_back).label("to_read"),
            func.count().filter(is_own, is_back).label("returned"),
        ).where(columns.authority == authority)
    ).one()
    return row.to_read, row.returned


def release(
    connection: Connection, node: Node, who: Principal, authority: str, number: str
) -> Written:
    """Publish what waits, as somebody else than who handed it in.

    Raises NotAllowed, NoSuchRelease, SamePerson, NotFitToPublish.
    """
    hold(connection, "publish")
    require(who, Action.RELEASE_RECORDS, authority)
    row = _row(connection, authority, number)
    if row.handed_in_by == who.id:
        raise SamePerson(
            f"{who.name} handed this record in, and cannot release it: somebody else has to read "
            "it. Nothing was published."
        )
    record = _record(Vault(connection, node), row)
    _refuse_foreign(connection, node, record)
    refuse_unfit(free_texts(record))
    publish(connection, node, [record])
    _drop(connection, node, [number])
    _tell(connection, node, authority, _origin(row), "published")
    note(
        connection,
        node,
        who,
        Action.RELEASE_RECORDS,
        authority=authority,
        record=row.reference,
        detail=f"handed in by {row.handed_in_name}",
    )
    return record


def return_record(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, reason: str
) -> None:
    """Give back what waits, with a reason for who handed it in; anybody who may release may.

    Raises NotAllowed, ReasonWanted, NoSuchRelease.
    """
    require(who, Action.RETURN_RECORDS, authority, reason)
    row = _row(connection, authority, number)
    sealed = Vault(connection, node).seal(_TABLE, "reason", number, reason.strip().encode())
    connection.execute(
        update(held_record)
        .where(held_record.c.id == number)
        .values(returned_by=who.name[:200], returned_at=node.now(), reason=sealed)
    )
    _tell(connection, node, authority, _origin(row), "returned", reason)
    note(
        connection,
        node,
        who,
        Action.RETURN_RECORDS,
        authority=authority,
        record=row.reference,
        reason=reason,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """That a record waits for release, or was returned for a reason."""

    handed_in_name: str
    handed_in_at: datetime
    returned_by: str | None
    reason: str


def standing(connection: Connection, node: Node, reference: str) -> Standing | None:
    """How it stands with what was handed in of a record; None where nothing waits of it."""
    row = connection.execute(
        select(held_record).where(held_record.c.reference == reference)
    ).one_or_none()
    if row is None:
        return None
    why = row.reason and Vault(connection, node).open(_TABLE, "reason", row.id, row.reason).decode()
    return Standing(row.handed_in_name, row.handed_in_at, row.returned_by, why or "")


def drop_held(
    connection: Connection,
    node: Node,
    reference: str,
    why: str | None = "The authority has taken this record back.",
) -> bool:
    """Destroy what waits of a record, or was returned; gives whether anything was. Staff of a
    provider, whose it was and who wait still, are told `why`; None tells them nothing.
    """
    rows = connection.execute(select(held_record).where(held_record.c.reference == reference)).all()
    _drop(connection, node, [row.id for row in rows])
    for row in rows:
        if why is not None and row.returned_at is None:
            _tell(connection, node, row.authority, _origin(row), "returned", why)
    return bool(rows)


def drop_of_provider(connection: Connection, node: Node, urn: str, through: str) -> None:
    """Destroy what waits of a home, or was returned, and came through an authority for a provider
    that runs it no longer. Nobody is told.
    """
    ids = connection.scalars(
        select(held_record.c.id).where(
            held_record.c.reference.in_((profile_of(urn), statement_of(urn))),
            held_record.c.through == through,
        )
    ).all()
    _drop(connection, node, ids)


def record_name(record: Written) -> str:
    """A record as people name it in an answer: the URN of a home, `commissioning/` and a code."""
    return record.urn if isinstance(record, Home) else reference_of(record)


def _refuse_foreign(connection: Connection, node: Node, record: Written) -> None:
    if record.authority not in node.member.area:
        raise NotHandedIn(
            f"This node does not serve {record.authority}, so it cannot publish "
            f"{record_name(record)}. Nothing was handed in."
        )
    references = [reference_of(record)]
    if isinstance(record, Profile | Statement):
        references.append(of_home(record.urn))
    since = connection.scalar(
        select(withheld.c.operation).where(withheld.c.reference.in_(references)).limit(1)
    )
    if since:
        raise NotHandedIn(
            f"Somebody has {since}d {record_name(record)} on this node. Nothing was handed in; "
            "'hearth publish --again' lets it be published again."
        )


def _known_texts(
    connection: Connection, records: Collection[Written]
) -> dict[str, list[dict[str, str]]]:
    """The texts of each record that need no release, by its reference: those of its latest version,
    or none, and then those of the register.
    """
    known: dict[str, list[dict[str, str]]] = {reference_of(one): [{}] for one in records}
    for reference, data in latest_records(connection, known.keys()).items():
        published = decode_record(data)
        if isinstance(published, Home | Profile | Commissioning | Statement):
            known[reference] = [free_texts(published)]
    sources = {"source.name": PROFILE_SOURCE, "source.name by provider": PROVIDER_SOURCE}
    for profile in (one for one in records if isinstance(one, Profile)):
        known[reference_of(profile)].append(sources)
    for one in listed_homes(connection, frozenset(one.authority for one in records)):
        reference = f"home/{one.registration.urn}"
        if reference in known and one.registration.registered_on:
            known[reference].append(free_texts(home_record(one)))
    return known


def _changes(record: Written, known: Sequence[Mapping[str, str]]) -> list[Change]:
    read = {text for each in known for text in each.values()}
    return [
        Change(place, known[0].get(place), text)
        for place, text in free_texts(record).items()
        if text not in read
    ]


def _hold_back(
    connection: Connection, node: Node, who: Principal, record: Written, origin: Origin | None
) -> str:
    reference, number = reference_of(record), token_hex(16)
    drop_held(
        connection,
        node,
        reference,
        why="The authority has handed in another version, which takes the place of yours.",
    )
    sealed = Vault(connection, node).seal(_TABLE, "record", number, encode_record(record))
    connection.execute(
        insert(held_record).values(
            id=number,
            reference=reference,
            authority=record.authority,
            record=sealed,
            handed_in_by=who.id,
            handed_in_name=who.name[:200],
            handed_in_at=node.now(),
            hand_in=origin.hand_in if origin else None,
            through=origin.through if origin else None,
        )
    )
    return number


def _origin(row: Row[*tuple[object, ...]]) -> Origin | None:
    return Origin(row.hand_in, row.through) if row.hand_in else None


def _tell(
    connection: Connection,
    node: Node,
    authority: str,
    origin: Origin | None,
    outcome: Outcome,
    reason: str = "",
) -> None:
    """Tell a provider's staff, where it came from them, what became of it."""
    if origin:
        answer(
            connection,
            node,
            hand_in=origin.hand_in,
            through=origin.through,
            authority=authority,
            outcome=outcome,
            reason=reason,
        )


def _row(connection: Connection, authority: str, number: str) -> Row[*tuple[object, ...]]:
    row = connection.execute(
        select(held_record)
        .where(held_record.c.id == number, held_record.c.authority == authority)
        .with_for_update()
    ).one_or_none()
    if row is None or row.returned_at is not None:
        raise NoSuchRelease(
            f"Nothing of the id {number} waits for release here: it was released, returned or "
            "handed in anew meanwhile. 'hearth releases' lists what waits."
        )
    return row


def _record(vault: Vault, row: Row[*tuple[object, ...]]) -> Written:
    record = decode_record(vault.open(_TABLE, "record", row.id, row.record))
    if not isinstance(record, Home | Profile | Commissioning | Statement):
        raise TypeError("nobody hands in a record of this schema")
    return record


def _drop(connection: Connection, node: Node, ids: Iterable[str]) -> None:
    gone = list(ids)
    connection.execute(delete(held_record).where(held_record.c.id.in_(gone)))
    Vault(connection, node).destroy(_TABLE, gone)
