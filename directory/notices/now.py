"""What a notice says now: what it said first, folded with what was said of it since.

What the placing authority says is numbered. So both sides come to the same, in whatever order its
messages come, however often, and whichever cross each other on the way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from msgspec import structs
from sqlalchemy import Connection, Row, select

from directory.notices.entered import Entered, EnteredChild, decode_entered
from directory.notices.errors import NoSuchNotice
from directory.notices.models import notice_event
from directory.notices.records import event_record, received_record
from directory.security.vault.service import Vault
from federation import Node, in_parts
from protocols.notices import Child, Notice, PlacementNotice, decode_body
from protocols.placements import (
    CHANGEABLE,
    FromPlacing,
    PlacementBody,
    PlacementChange,
    PlacementEnding,
    Question,
    QuestionAnswer,
    Withdrawal,
    WithdrawalAnswer,
    decode_placement_body,
)
from protocols.records import schema_of

Side: TypeAlias = Literal["sent", "received"]
Said: TypeAlias = Notice | Entered


@dataclass(frozen=True, slots=True)
class Event:
    """Something said of a notice after it: the message that said it, when it went or came (`at`),
    and who here said it, or which node.
    """

    message: str
    at: datetime
    by: str
    body: PlacementBody


@dataclass(frozen=True, slots=True)
class Difference:
    """A member of the notice that has changed. None: it was not said, or not known."""

    name: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class Step:
    """A thing that the placing authority said, and what it changed in what it had said before."""

    event: Event
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the area authority asked, by the message that asked it, and every answer, in the order
    of their times.
    """

    message: str
    question: Question
    answers: tuple[QuestionAnswer, ...]


@dataclass(frozen=True, slots=True)
class Now:
    """A notice as it stands. `says` has the members of a notice, each as last said; in one that was
    entered here those are None that nobody knows. `ending` and `withdrawal` are None while there is
    none; an ending may lie ahead. `number` is the last that the placing authority has used.
    """

    says: Said
    expected_end: date | None
    ending: PlacementEnding | None
    withdrawal: Withdrawal | None
    containment: WithdrawalAnswer | None
    steps: tuple[Step, ...]
    asked: tuple[Asked, ...]
    number: int

    @property
    def ended_on(self) -> date | None:
        """The day on which it ended, or will end; None while nobody has said so."""
        return self.ending.ended_on if self.ending else None

    @property
    def open_questions(self) -> tuple[Asked, ...]:
        """Those that nobody has answered."""
        return tuple(one for one in self.asked if not one.answers)


def fold(first: Said, events: Iterable[Event]) -> Now:
    """What a notice says now. The order of `events` does not matter."""
    known = sorted(events, key=_place)
    says, ending, withdrawal = first, None, None
    until = first.expected_end if isinstance(first, PlacementNotice | Entered) else None
    steps: list[Step] = []
    number = 0
    for event in known:
        body = event.body
        if not isinstance(body, FromPlacing):
            continue
        number = max(number, body.number)
        differences: tuple[Difference, ...] = ()
        if isinstance(body, PlacementEnding):
            ending = body
        elif isinstance(body, Withdrawal):
            withdrawal = body
        else:
            if body.kind == "extension":
                ending = None
            differences = _differences(says, until, body)
            says, until = _changed(says, body), body.expected_end or until
        steps.append(Step(event, differences))
    contained = [one.body for one in known if isinstance(one.body, WithdrawalAnswer)]
    return Now(
        says,
        until,
        ending,
        withdrawal,
        contained[-1] if contained else None,
        tuple(steps),
        _asked(known),
        number,
    )


def now_of(connection: Connection, node: Node, side: Side, row: Row[tuple[object, ...]]) -> Now:
    """What one notice says now; `row` is its row, whole. Raises NoSuchNotice, a VaultError."""
    first = read_first(Vault(connection, node).open(*_place_of(side, row), row.body))
    events = events_of(connection, node, side, [row])
    return fold(first, events[row.placing_authority, row.id])


def now_of_all(
    connection: Connection, node: Node, side: Side, rows: Sequence[Row[tuple[object, ...]]]
) -> dict[tuple[str, str], Now]:
    """What each of many notices says now, by placing authority and id, without those that were
    destroyed. For whoever may look at all of them, and has noted it: this asks nothing.
    """
    sealed = {record_of(side, row): row.body for row in rows}
    opened = Vault(connection, node).open_all(f"{side}_notice", "body", sealed)
    events = events_of(connection, node, side, rows)
    return {
        (row.placing_authority, row.id): fold(
            read_first(opened[record]), events[row.placing_authority, row.id]
        )
        for row in rows
        if (record := record_of(side, row)) in opened
    }


def events_of(
    connection: Connection, node: Node, side: Side, rows: Sequence[Row[tuple[object, ...]]]
) -> Mapping[tuple[str, str], list[Event]]:
    """What was said of each of some notices after it, without what was destroyed."""
    found: dict[tuple[str, str], list[Event]] = {
        (row.placing_authority, row.id): [] for row in rows
    }
    table = notice_event.c
    stored = [
        event
        for part in in_parts({row.id for row in rows})
        for event in connection.execute(
            select(notice_event).where(table.side == side, table.notice.in_(part))
        )
        if (event.placing_authority, event.notice) in found
    ]
    sealed = {
        event_record(side, one.placing_authority, one.notice, one.kind, one.message): one
        for one in stored
    }
    opened = Vault(connection, node).open_all(
        "notice_event", "body", {record: one.body for record, one in sealed.items()}
    )
    for record, one in sealed.items():
        if record in opened:
            body = decode_placement_body(opened[record])
            event = Event(one.message, one.at, one.by, body)
            found[one.placing_authority, one.notice].append(event)
    return found


def read_first(data: bytes) -> Said:
    """What a notice said first, from its opened body. Raises NoSuchNotice for anything else."""
    if schema_of(data, "notice") == "entered/1":
        return decode_entered(data)
    body = decode_body(data)
    if not isinstance(body, Notice):
        raise NoSuchNotice("what is kept under this id is not a notice")
    return body


def _place(event: Event) -> tuple[int, str, str]:
    """Where an event stands. A number twice is of a sender that lost its latest: both count."""
    body = event.body
    if isinstance(body, FromPlacing):
        return body.number, "", event.message
    when = body.asked_at if isinstance(body, Question) else body.answered_at
    return 0, when.isoformat(), event.message


def _differences(says: Said, until: date | None, change: PlacementChange) -> tuple[Difference, ...]:
    differences = []
    for name in CHANGEABLE:
        new = getattr(change, name)
        old = until if name == "expected_end" else getattr(says, name)
        if new is not None and new != old:
            differences.append(Difference(name, old, new))
    return tuple(differences)


def _changed(says: Said, change: PlacementChange) -> Said:
    new = {
        name: value
        for name in CHANGEABLE
        if name != "expected_end" and (value := getattr(change, name)) is not None
    }
    if isinstance(says, Entered) and isinstance(child := new.get("child"), Child):
        new["child"] = EnteredChild(
            child.given_name, child.family_name, child.born_on, child.identifier
        )
    return structs.replace(says, **new)


def _asked(known: Sequence[Event]) -> tuple[Asked, ...]:
    answers: dict[str, list[QuestionAnswer]] = {}
    for event in known:
        if isinstance(event.body, QuestionAnswer):
            answers.setdefault(event.body.question, []).append(event.body)
    return tuple(
        Asked(event.message, event.body, tuple(answers.get(event.message, ())))
        for event in known
        if isinstance(event.body, Question)
    )


def _place_of(side: Side, row: Row[tuple[object, ...]]) -> tuple[str, str, str]:
    return f"{side}_notice", "body", record_of(side, row)


def record_of(side: Side, row: Row[tuple[object, ...]]) -> str:
    """What the vault knows the notice of a row by."""
    return row.id if side == "sent" else received_record(row.placing_authority, row.id)
