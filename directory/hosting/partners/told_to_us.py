"""What other authorities have told us as their partner: listed without the child, opened for a
reason; they learn who opened it first, and when.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from directory.country.rules.purposes import why
from directory.country.rules.table import nation_of
from directory.hosting.partners.errors import NotToldHere
from directory.hosting.partners.models import told_to_us
from directory.privacy.restricting.children import marks_as_told
from directory.privacy.restricting.closing import require_child_open, require_open
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, queue
from protocols.errors import Malformed
from protocols.partners import (
    PartnerNotice,
    PartnerReceipt,
    decode_partner_body,
    encode_partner_body,
)

TABLE = "told_to_us"


@dataclass(frozen=True, slots=True)
class ToldToUs:
    """Something that we were told, without the child."""

    id: str
    sender: str
    notice: str
    event: str
    received_at: datetime
    opened_at: datetime | None
    opened_by: str | None


def all_told(connection: Connection, who: Principal, authority: str) -> list[ToldToUs]:
    """All that an authority was told as a partner, the latest first. Raises NotAllowed."""
    require(who, Action.LIST_TOLD_TO_US, authority)
    rows = connection.execute(
        select(*(told_to_us.c[name] for name in ToldToUs.__dataclass_fields__))
        .where(told_to_us.c.authority == authority)
        .order_by(told_to_us.c.received_at.desc(), told_to_us.c.id)
    )
    return [ToldToUs(*row) for row in rows]


def one_told(
    connection: Connection, who: Principal, authority: str, sender: str, told: str
) -> ToldToUs:
    """One of them. Raises NotAllowed, NotToldHere, Restricted."""
    require(who, Action.LIST_TOLD_TO_US, authority)
    require_open(connection, who, authority, f"told/{told}")
    row = _row(connection, authority, sender, told)
    return ToldToUs(**{name: row._mapping[name] for name in ToldToUs.__dataclass_fields__})


def read_told(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    sender: str,
    told: str,
    reason: str,
) -> PartnerNotice:
    """What we may see; the look is in the audit, and the first is told to its sender. Raises
    NotAllowed, ReasonWanted, NotToldHere, Restricted, or a VaultError.
    """
    require(who, Action.READ_TOLD_TO_US, authority, reason)
    row = _row(connection, authority, sender, told)
    record = record_of(sender, told)
    body = decode_partner_body(Vault(connection, node).open(TABLE, "body", record, row.body))
    if not isinstance(body, PartnerNotice):
        raise Malformed("what is kept here is no partner notice")
    child = marks_as_told(body)
    require_child_open(connection, node, who, authority, f"told/{told}", child)
    note(
        connection,
        node,
        who,
        Action.READ_TOLD_TO_US,
        authority=authority,
        record=f"told/{told}",
        reason=reason,
    )
    if row.opened_at is None:
        now = node.now()
        connection.execute(
            update(told_to_us)
            .where(told_to_us.c.id == told, told_to_us.c.sender == sender)
            .values(opened_at=now, opened_by=who.name[:200])
        )
        said = why("partner-receipt/1", nation_of(authority))
        receipt = PartnerReceipt(said.purpose, said.lawful_basis, told, now, who.name[:200])
        queue(
            connection,
            node,
            sender=authority,
            recipient=sender,
            body=encode_partner_body(receipt),
        )
    return body


def record_of(sender: str, told: str) -> str:
    """What the vault knows it by: ids are the sender's own."""
    return f"{sender}/{told}"


def _row(
    connection: Connection, authority: str, sender: str, told: str
) -> Row[*tuple[object, ...]]:
    row = connection.execute(
        select(told_to_us)
        .where(
            told_to_us.c.id == told,
            told_to_us.c.sender == sender,
            told_to_us.c.authority == authority,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotToldHere("Nothing was told to this authority under this number")
    return row
