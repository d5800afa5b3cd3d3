"""The area authority's side of a consultation: what it is asked, and its answer, once."""

from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from directory.country.rules.purposes import why
from directory.country.rules.table import nation_of
from directory.placing.approvals.errors import AnsweredBefore, NoSuchConsultation
from directory.placing.approvals.models import received_consultation
from directory.privacy.restricting.children import marks_of
from directory.privacy.restricting.closing import require_child_open, require_open
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, queue
from protocols.consultations import (
    Consultation,
    ConsultationAnswer,
    View,
    decode_consultation_body,
    encode_consultation_body,
)
from protocols.notices import Contact

TABLE = "received_consultation"


@dataclass(frozen=True, slots=True)
class Asked:
    """A consultation that came, without what it says of the child."""

    id: str
    placing_authority: str
    area_authority: str
    received_at: datetime
    answered_at: datetime | None
    answered_by: str | None


_COLUMNS = [received_consultation.c[name] for name in Asked.__dataclass_fields__]


def consultations(connection: Connection, who: Principal, area: str) -> list[Asked]:
    """Those that came for an authority: unanswered first, the oldest first. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    table = received_consultation.c
    rows = connection.execute(
        select(*_COLUMNS)
        .where(table.area_authority == area)
        .order_by(table.answered_at.is_not(None), table.received_at, table.id)
    )
    return [Asked(*row) for row in rows]


def count_unanswered(connection: Connection, who: Principal, area: str) -> int:
    """How many wait for an answer. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    table = received_consultation.c
    waiting = select(func.count()).where(table.area_authority == area, table.answered_at.is_(None))
    return connection.scalar(waiting) or 0


def one_consultation(connection: Connection, who: Principal, area: str, number: str) -> Asked:
    """One of them. Raises NotAllowed, NoSuchConsultation, Restricted."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    require_open(connection, who, area, f"consultation/{number}")
    row = _row(connection, area, number)
    return Asked(**{name: row._mapping[name] for name in Asked.__dataclass_fields__})


def read_consultation(
    connection: Connection, node: Node, who: Principal, area: str, number: str, reason: str
) -> tuple[Consultation, ConsultationAnswer | None]:
    """All that it says, and what was answered; the look is in the audit. Raises NotAllowed,
    ReasonWanted, NoSuchConsultation, Restricted, or what the vault does.
    """
    require(who, Action.READ_RECEIVED_NOTICES, area, reason)
    row = _row(connection, area, number)
    vault, record = Vault(connection, node), f"{row.placing_authority}/{number}"
    body = decode_consultation_body(vault.open(TABLE, "body", record, row.body))
    if isinstance(body, Consultation):
        child = marks_of(row.placing_authority, body.child)
        require_child_open(connection, node, who, area, f"consultation/{number}", child)
    answer = None
    if row.answer is not None:
        answer = decode_consultation_body(vault.open(TABLE, "answer", record, row.answer))
    note(
        connection,
        node,
        who,
        Action.READ_RECEIVED_NOTICES,
        authority=area,
        record=f"consultation/{number}",
        reason=reason,
    )
    if not isinstance(body, Consultation):
        raise NoSuchConsultation("What is kept under this id is no consultation.")
    return body, answer if isinstance(answer, ConsultationAnswer) else None


def answer_given(
    connection: Connection, node: Node, area: str, number: str
) -> ConsultationAnswer | None:
    """What an authority answered; for whoever may read it and notes the look."""
    row = _row(connection, area, number)
    record = f"{row.placing_authority}/{number}"
    opened = Vault(connection, node).open_all(
        TABLE, "answer", {record: row.answer} if row.answer is not None else {}
    )
    body = decode_consultation_body(opened[record]) if record in opened else None
    return body if isinstance(body, ConsultationAnswer) else None


def answer(
    connection: Connection,
    node: Node,
    who: Principal,
    area: str,
    number: str,
    *,
    view: View,
    contact: Contact,
    said: str | None,
) -> None:
    """Answer a consultation, sealed to who asked. Raises NotAllowed, NoSuchConsultation,
    AnsweredBefore, Restricted.
    """
    require(who, Action.ACKNOWLEDGE_NOTICES, area)
    require_open(connection, who, area, f"consultation/{number}")
    row = _row(connection, area, number, hold=True)
    if row.answered_at is not None:
        raise AnsweredBefore(
            "This consultation was answered before, and that answer stands. Call the placing "
            "authority if something is different now."
        )
    words = why("consultation-answer/1", nation_of(area))
    raw = encode_consultation_body(
        ConsultationAnswer(
            purpose=words.purpose,
            lawful_basis=words.lawful_basis,
            consultation=number,
            answered_at=node.now().astimezone(UTC).replace(microsecond=0),
            view=view,
            contact=contact,
            said=said,
        )
    )
    queue(
        connection,
        node,
        sender=area,
        recipient=row.placing_authority,
        body=raw,
        message=token_hex(16),
    )
    record = f"{row.placing_authority}/{number}"
    connection.execute(
        update(received_consultation)
        .where(*_is(area, number))
        .values(
            answer=Vault(connection, node).seal(TABLE, "answer", record, raw),
            answered_at=node.now(),
            answered_by=who.name[:200],
        )
    )
    note(
        connection,
        node,
        who,
        Action.ACKNOWLEDGE_NOTICES,
        authority=area,
        record=f"consultation/{number}",
        detail=f"answered {row.placing_authority}",
    )


def _is(area: str, number: str) -> tuple[ColumnElement[bool], ...]:
    table = received_consultation.c
    return (table.id == number, table.area_authority == area)


def _row(
    connection: Connection, area: str, number: str, *, hold: bool = False
) -> Row[*tuple[object, ...]]:
    wanted = select(received_consultation).where(*_is(area, number))
    row = connection.execute(wanted.with_for_update() if hold else wanted).first()
    if row is None:
        raise NoSuchConsultation("There is no such consultation here.")
    return row
