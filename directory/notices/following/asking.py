"""The area authority's side: asking back, and answering for a notice that was withdrawn."""

from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Row, select

from directory.country.rules.purposes import why
from directory.country.rules.table import nation_of
from directory.notices.breaches.service import note_contained
from directory.notices.errors import NoSuchNotice, NotFromANode
from directory.notices.following.keeping import keep
from directory.notices.models import notice_event, received_notice
from directory.notices.sent import id_for
from directory.privacy.restricting.closing import require_open
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, queue
from protocols.notices import Contact
from protocols.placements import PlacementBody, Question, WithdrawalAnswer, encode_placement_body


def ask(
    connection: Connection,
    node: Node,
    who: Principal,
    *,
    area: str,
    notice: str,
    text: str,
    asked_by: Contact,
    form: str | None = None,
) -> str:
    """Ask the placing authority about a notice that came; gives the message's id. `form` as in
    `send_notice`. Raises NotAllowed, Restricted, NoSuchNotice, NotFromANode, federation's
    NoSuchMember.
    """
    require(who, Action.ASK_ABOUT_NOTICES, area)
    require_open(connection, who, area, f"notice/{notice}")
    row = _row_of(connection, area, notice)
    body = Question(
        notice=notice, asked_at=node.now(), asked_by=asked_by, text=text, **_why("question/1", area)
    )
    return _send(connection, node, who, row, body, id_for(form, who, area) if form else None)


def answer_withdrawal(
    connection: Connection, node: Node, who: Principal, *, area: str, notice: str, **said: Any
) -> str:
    """Say what became of a withdrawn notice here, by the members of WithdrawalAnswer. Raises as
    `ask` does; NoSuchNotice where nothing was withdrawn.
    """
    require(who, Action.ASK_ABOUT_NOTICES, area)
    require_open(connection, who, area, f"notice/{notice}")
    row = _row_of(connection, area, notice)
    table = notice_event.c
    withdrawal = connection.scalar(
        select(table.message)
        .where(
            table.side == "received",
            table.notice == notice,
            table.placing_authority == row.placing_authority,
            table.kind == "withdrawal/1",
        )
        .order_by(table.seq.desc())
        .limit(1)
    )
    if withdrawal is None:
        raise NoSuchNotice(f"notice {notice} was not withdrawn")
    body = WithdrawalAnswer(
        notice=notice,
        withdrawal=withdrawal,
        answered_at=node.now(),
        **said,
        **_why("withdrawal-answer/1", area),
    )
    message = _send(connection, node, who, row, body, None)
    if body.contained:
        note_contained(connection, node, "received", row, by=who.name)
    return message


def _send(
    connection: Connection,
    node: Node,
    who: Principal,
    row: Row[tuple[object, ...]],
    body: PlacementBody,
    known: str | None,
) -> str:
    message = known or token_hex(16)
    table = notice_event.c
    before = select(table.seq).where(table.side == "received", table.message == message)
    if connection.execute(before).first():
        return message
    queue(
        connection,
        node,
        sender=row.area_authority,
        recipient=row.placing_authority,
        body=encode_placement_body(body),
        message=message,
    )
    keep(connection, node, "received", row, body=body, message=message, by=who.name)
    note(
        connection,
        node,
        who,
        Action.ASK_ABOUT_NOTICES,
        authority=row.area_authority,
        record=f"notice/{row.id}",
        detail=f"{body.__struct_config__.tag} to {row.placing_authority}",
    )
    return message


def _row_of(connection: Connection, area: str, notice: str) -> Row[tuple[object, ...]]:
    mine = (received_notice.c.id == notice) & (received_notice.c.area_authority == area)
    row = connection.execute(select(received_notice).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise NoSuchNotice(f"there is no notice {notice} to {area} here")
    if row.came_by != "node":
        raise NotFromANode(
            "This notice was entered here, so its sender's node knows nothing of it. Call or write "
            "to them"
        )
    return row


def _why(schema: str, area: str) -> dict[str, Any]:
    said = why(schema, nation_of(area))
    return {"purpose": said.purpose, "lawful_basis": said.lawful_basis}
