"""Destroying what a notice says, on either side, for good."""

from sqlalchemy import Connection, select

from directory.notices.errors import NoSuchNotice
from directory.notices.looking import note_look, received_record
from directory.notices.models import received_notice, sent_notice
from directory.rights.principal import Principal
from directory.rights.service import require
from directory.rights.table import Action
from directory.vault.service import Vault
from federation import DEAD, Node, dispatches, forget_attachments, forget_enclosures


def erase_notice(
    connection: Connection, node: Node, who: Principal, *, authority: str, notice: str, reason: str
) -> None:
    """Destroy what a notice to or by an authority says, for good, here and in every backup.

    When it came, from whom and to whom stays, and so does the audit. What is still on its way
    arrives, and what the other authority holds is theirs. Raises NotAllowed, ReasonWanted,
    NoSuchNotice. After the commit, `federation.forget_deleted`.
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
    note_look(connection, node, who, Action.ERASE_NOTICES, authority, notice, reason)
    vault = Vault(connection, node)
    vault.destroy("received_notice", [received_record(placing, notice) for placing in came])
    vault.destroy("sent_notice", went)
    for placing in came:
        forget_attachments(connection, placing, notice)
    for one in dispatches(connection, went).values():
        if one.state in DEAD:
            forget_enclosures(connection, one.id)
