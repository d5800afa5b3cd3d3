"""What one authority holds about children in this node, record by record, and when each is due.

The day of birth, from which the law counts, stands in no table: every record is opened to learn it,
by the machine, and shown to nobody here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from msgspec import Struct
from msgspec.json import Decoder
from sqlalchemy import Connection, select

from directory.notices.models import received_notice, sent_notice
from directory.notices.records import received_record
from directory.retention.schedule import area_record_until, case_record_until
from directory.vault.service import Vault
from federation import Node


class Kind(StrEnum):
    """What a record is."""

    SENT = "notice sent"
    RECEIVED = "notice received"


PERIODS: Mapping[Kind, str] = {Kind.SENT: "case-record", Kind.RECEIVED: "area-record"}
"""The period of the schedule under which each kind stands."""


class Named(Struct, frozen=True):
    """Whom a record is about, as far as it is told in any of its forms."""

    identifier: str = ""
    given_name: str = ""
    family_name: str = ""
    born_on: date | None = None


class _About(Struct, frozen=True):
    child: Named


_about = Decoder(_About)


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A record about a child. `other` is the authority at the other end, a GSS code; `due` is the
    day on which it may be destroyed, None where nobody knows the child's birthday.
    """

    kind: Kind
    id: str
    other: str
    child: Named
    due: date | None

    @property
    def record(self) -> str:
        """What the audit knows it by."""
        return f"notice/{self.id}"


def case_records(connection: Connection, node: Node, authority: str) -> Iterator[CaseRecord]:
    """Every record about a child that an authority holds here, without what was destroyed.

    Raises a VaultError when something sealed does not open.
    """
    vault = Vault(connection, node)
    yield from _sent(connection, vault, authority)
    yield from _received(connection, vault, authority)


def _sent(connection: Connection, vault: Vault, authority: str) -> Iterator[CaseRecord]:
    rows = connection.execute(
        select(sent_notice.c.id, sent_notice.c.area_authority, sent_notice.c.body)
        .where(sent_notice.c.placing_authority == authority)
        .order_by(sent_notice.c.sent_at)
    ).all()
    opened = vault.open_all("sent_notice", "body", {row.id: row.body for row in rows})
    for row in rows:
        if row.id in opened:
            child = _about.decode(opened[row.id]).child
            due = case_record_until(child.born_on) if child.born_on else None
            yield CaseRecord(Kind.SENT, row.id, row.area_authority, child, due)


def _received(connection: Connection, vault: Vault, authority: str) -> Iterator[CaseRecord]:
    rows = connection.execute(
        select(received_notice.c.id, received_notice.c.placing_authority, received_notice.c.body)
        .where(received_notice.c.area_authority == authority)
        .order_by(received_notice.c.received_at)
    ).all()
    sealed = {received_record(row.placing_authority, row.id): row.body for row in rows}
    opened = vault.open_all("received_notice", "body", sealed)
    for row in rows:
        if (record := received_record(row.placing_authority, row.id)) in opened:
            child = _about.decode(opened[record]).child
            due = area_record_until(child.born_on, None) if child.born_on else None
            yield CaseRecord(Kind.RECEIVED, row.id, row.placing_authority, child, due)
