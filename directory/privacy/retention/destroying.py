"""Destroying what is due: by a command, or by the worker once a day where the setting says so.

What is destroyed opens with no key that the database holds, at once; and with none at all, neither
from a backup, once the epoch key of its time is destroyed (`directory.security.vault.turning`).
"""

from datetime import date

import structlog
from sqlalchemy import Connection, Table, select

from directory.country.reference.working_days import london_day
from directory.hosting.homes.taking import destroy_home_notices
from directory.notices.breaches.models import notice_breach
from directory.notices.erasing import destroy_notices
from directory.placing.approvals.destroying import destroy_received
from directory.privacy.emergencies.models import emergency_look
from directory.privacy.restricting.models import restriction
from directory.privacy.retention.due import Due, due
from directory.privacy.retention.errors import ClockInDoubt
from directory.privacy.retention.holds import any_stands
from directory.privacy.retention.records import PERIODS, Kind, destroy_children
from directory.privacy.retention.told import destroy_told
from directory.security.audit.models import audit_row
from directory.security.audit.service import note
from directory.security.rights.principal import Grant, Principal
from directory.security.rights.roles import Role
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from directory.security.vault.turning import turn_epochs
from directory.settings import read_settings
from federation import Node, forget_deleted, in_parts, reading, writing

log = structlog.get_logger("retention")


def destroy_due(connection: Connection, node: Node, who: Principal, authority: str) -> Due:
    """Destroy what is due of one authority's, for good; gives what that was.

    An audit row for each record. Raises NotAllowed, ClockInDoubt, a
    VaultError. After the commit, `federation.forget_deleted`.
    """
    require(who, Action.DESTROY_DUE, authority)
    if node.now() > node.charter.expires:
        raise ClockInDoubt(
            f"By this machine's clock it is {node.now():%d %B %Y}, and the charter ended before "
            "that. A clock that is wrong would destroy what must be kept, so nothing was. Set the "
            "clock, or adopt the charter of today."
        )
    found = due(connection, node, who, authority)
    for one in found.records:
        _note(connection, node, who, authority, one.record, PERIODS[one.kind])
    destroy_notices(
        connection,
        node,
        sent=[one.id for one in found.records if one.kind is Kind.SENT],
        received=[
            (one.other, one.id) for one in found.records if one.kind is Kind.RECEIVED and one.other
        ],
    )
    destroy_children(connection, node, [one.id for one in found.records if one.kind is Kind.CHILD])
    destroy_home_notices(
        connection, node, [one.id for one in found.records if one.kind is Kind.HOME]
    )
    destroy_told(
        connection,
        node,
        [(one.other, one.id) for one in found.records if one.kind is Kind.TOLD and one.other],
    )
    _destroy_breaches(connection, node, authority, {one.id for one in found.records})
    for table in (emergency_look, restriction):
        _destroy_beside(connection, node, table, authority, {one.record for one in found.records})
    destroy_received(
        connection,
        node,
        [(one.other, one.id) for one in found.records if one.kind is Kind.CONSULTED and one.other],
    )
    _destroy_reasons(connection, node, authority, {one.record for one in found.records})
    return found


class KeepSchedule:
    """The worker's daily round. What it does is set by HEARTH_RETENTION."""

    def __init__(self) -> None:
        self._done: date | None = None

    def __call__(self, node: Node) -> None:
        """Destroy what is due, or say how much that is; once a day."""
        today = london_day(node.now())
        if self._done == today:
            return
        settings, itself = read_settings(), _worker_of(node)
        destroys = settings.retention == "destroy"
        for authority in sorted(node.member.area):
            if destroys:
                with writing(node.node_db) as connection:
                    found = destroy_due(connection, node, itself, authority)
            else:
                with reading(node.node_db) as connection:
                    found = due(connection, node, itself, authority)
            if found.records or found.held:
                log.info(
                    "destroyed what was due" if destroys else "records are due",
                    authority=authority,
                    records=len(found.records),
                    held=len(found.held),
                )
        if destroys:
            self._turn_epochs(node, settings.backup_days)
            forget_deleted(node.node_db)
        self._done = today

    def _turn_epochs(self, node: Node, backup_days: int) -> None:
        with writing(node.node_db) as connection:
            begun, ended = turn_epochs(connection, node, backup_days, keep=any_stands(connection))
            for number in ended:
                note(
                    connection,
                    node,
                    _worker_of(node),
                    "remove an epoch's key",
                    record=f"epoch/{number}",
                )
            if begun:
                note(connection, node, _worker_of(node), "begin an epoch", record=f"epoch/{begun}")
        if begun:
            log.warning("a new epoch began: back up the folder of the keys", epoch=begun)


def _destroy_breaches(
    connection: Connection, node: Node, authority: str, notices: set[str]
) -> None:
    """What was found of a breach goes with the notice by schedule, and not when one is erased: it
    has to be documented (UK GDPR Article 33(5))."""
    for part in in_parts(notices):
        of = (notice_breach.c.authority == authority) & notice_breach.c.notice.in_(part)
        gone = connection.scalars(select(notice_breach.c.id).where(of)).all()
        Vault(connection, node).destroy("notice_breach", gone)


def _destroy_beside(
    connection: Connection, node: Node, table: Table, authority: str, records: set[str]
) -> None:
    """What is sealed in rows about these records, by the audit's names; that they were stays."""
    for part in in_parts(records):
        of = (table.c.authority == authority) & table.c.record.in_(part)
        gone = connection.scalars(select(table.c.id).where(of)).all()
        Vault(connection, node).destroy(table.name, gone)


def _destroy_reasons(connection: Connection, node: Node, authority: str, records: set[str]) -> None:
    """Why somebody looked at a record goes with it; that they did stays."""
    for part in in_parts(records):
        rows = connection.scalars(
            select(audit_row.c.seq).where(
                audit_row.c.authority == authority,
                audit_row.c.record.in_(part),
                audit_row.c.reason.is_not(None),
            )
        )
        Vault(connection, node).destroy("audit_row", [str(seq) for seq in rows])


def _worker_of(node: Node) -> Principal:
    return Principal(f"node:{node.name}", node.name, frozenset({Grant(Role.OPERATOR)}))


def _note(
    connection: Connection, node: Node, who: Principal, authority: str, record: str, detail: str
) -> None:
    note(
        connection,
        node,
        who,
        Action.DESTROY_DUE,
        authority=authority,
        record=record,
        detail=detail,
    )
