"""Handing in, releasing and returning records of homes, their profiles and statements of purpose,
and of what authorities want.

What is new or changed in a record's free texts has to be released by somebody else than who handed
it in. Known are the texts of the latest version, wherever in it they stand, and of the register:
Ofsted's own. A record without new text goes to the log at once. What a text must not say,
`directory.intake.screening` refuses, when it is handed in and again when it is released.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from directory.intake.screening.service import free_texts, refuse_unfit
from directory.records.publishing.models import withheld
from directory.records.publishing.service import of_home, publish, reference_of
from directory.records.release.errors import NotHandedIn, OthersWait, SamePerson
from directory.records.release.held import (
    TABLE,
    Origin,
    drop,
    drop_held,
    hold_back,
    open_record,
    origin_of,
    row_of,
    tell,
)
from directory.records.release.models import held_record
from directory.records.release.texts import Written, changes, known_texts
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, hold
from protocols.profiles import Profile
from protocols.records import Home
from protocols.statements import Statement


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of records: how many went to the log, and the ids of those that wait."""

    published: int
    unchanged: int
    waiting: list[str]


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
    tell(connection, node, record.authority, origin, "published")
    return False


def _take(
    connection: Connection,
    node: Node,
    who: Principal,
    handed: Sequence[Written],
    origin: Origin | None,
) -> HandedIn:
    known = known_texts(connection, handed)
    plain: list[Written] = []
    waiting: list[str] = []
    for record in handed:
        reference = reference_of(record)
        new = bool(changes(record, known[reference]))
        if new:
            waiting.append(hold_back(connection, node, who, record, origin))
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


def release(
    connection: Connection, node: Node, who: Principal, authority: str, number: str
) -> Written:
    """Publish what waits, as somebody else than who handed it in.

    Raises NotAllowed, NoSuchRelease, SamePerson, NotFitToPublish.
    """
    hold(connection, "publish")
    require(who, Action.RELEASE_RECORDS, authority)
    row = row_of(connection, authority, number)
    if row.handed_in_by == who.id:
        raise SamePerson(
            f"{who.name} handed this record in, and cannot release it: somebody else has to read "
            "it. Nothing was published."
        )
    record = open_record(Vault(connection, node), row)
    _refuse_foreign(connection, node, record)
    refuse_unfit(free_texts(record))
    publish(connection, node, [record])
    drop(connection, node, [number])
    tell(connection, node, authority, origin_of(row), "published")
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
    row = row_of(connection, authority, number)
    sealed = Vault(connection, node).seal(TABLE, "reason", number, reason.strip().encode())
    connection.execute(
        update(held_record)
        .where(held_record.c.id == number)
        .values(returned_by=who.name[:200], returned_at=node.now(), reason=sealed)
    )
    tell(connection, node, authority, origin_of(row), "returned", reason)
    note(
        connection,
        node,
        who,
        Action.RETURN_RECORDS,
        authority=authority,
        record=row.reference,
        reason=reason,
    )


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
