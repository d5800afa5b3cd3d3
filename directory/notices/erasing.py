"""Destroying what a notice says, on either side, for good."""

from collections.abc import Collection

from sqlalchemy import Connection, Row, select

from directory.notices.errors import NoSuchNotice
from directory.notices.looking import note_look
from directory.notices.models import notice_event, received_notice, sent_notice
from directory.notices.records import event_record, received_record
from directory.privacy.retention.holds import refuse_held
from directory.privacy.retention.records import children_of
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import DEAD, Node, dispatches, forget_attachments, forget_enclosures, in_parts


def erase_notice(
    connection: Connection, node: Node, who: Principal, *, authority: str, notice: str, reason: str
) -> None:
    """Destroy what a notice to or by an authority says, for good, here and in every backup.

    When it came, from whom and to whom stays, and so does the audit. What is still on its way
    arrives, and what the other authority holds is theirs. Raises NotAllowed, ReasonWanted,
    NoSuchNotice, UnderHold. After the commit, `federation.forget_deleted`.
    """
    require(who, Action.ERASE_NOTICES, authority, reason)
    came = connection.scalars(
        select(received_notice.c.placing_authority).where(
            received_notice.c.id == notice, received_notice.c.area_authority == authority
        )
    ).all()
    went = connection.scalars(
        select(sent_notice.c.id).where(
            sent_notice.c.id == notice, sent_notice.c.placing_authority == authority
        )
    ).all()
    if not (came or went):
        raise NoSuchNotice(f"there is no notice {notice} to or by {authority} here")
    refuse_held(connection, authority, f"notice/{notice}", *children_of(connection, notice))
    note_look(connection, node, who, Action.ERASE_NOTICES, authority, notice, reason)
    destroy_notices(connection, node, sent=went, received=[(placing, notice) for placing in came])


def destroy_notices(
    connection: Connection,
    node: Node,
    *,
    sent: Collection[str],
    received: Collection[tuple[str, str]],
) -> None:
    """Destroy what notices say, for good: those sent by id, those received by their sender and id.

    Whoever calls has asked the table of rights and the legal holds, and noted it in the audit.
    """
    vault = Vault(connection, node)
    vault.destroy("received_notice", [received_record(placing, one) for placing, one in received])
    vault.destroy("sent_notice", sent)
    ours = _events(connection, "sent", sent)
    gone = {received_record(placing, one) for placing, one in received}
    theirs = [
        one
        for one in _events(connection, "received", {one for _, one in received})
        if received_record(one.placing_authority, one.notice) in gone
    ]
    vault.destroy("notice_event", [_record(one) for one in (*ours, *theirs)])
    for placing, one in received:
        forget_attachments(connection, placing, one)
    for event in theirs:
        forget_attachments(connection, event.placing_authority, event.message)
    for part in in_parts({*sent, *(one.message for one in ours)}):
        for went in dispatches(connection, part).values():
            if went.state in DEAD:
                forget_enclosures(connection, went.id)


def _events(
    connection: Connection, side: str, notices: Collection[str]
) -> list[Row[tuple[object, ...]]]:
    """What was said after notices."""
    table = notice_event.c
    return [
        one
        for part in in_parts(notices)
        for one in connection.execute(
            select(notice_event).where(table.side == side, table.notice.in_(part))
        )
    ]


def _record(one: Row[tuple[object, ...]]) -> str:
    return event_record(one.side, one.placing_authority, one.notice, one.kind, one.message)
