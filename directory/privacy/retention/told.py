"""What another authority told us of a child as its partner: of whom, and destroying it.

Only the first of what is told of a placement need name the child; all of it names the same notice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from directory.hosting.partners.models import told_to_us
from directory.hosting.partners.told_to_us import TABLE, record_of
from directory.security.vault.service import Vault
from federation import Node, in_parts
from protocols.partners import PartnerNotice, decode_partner_body


def told_records(
    connection: Connection, node: Node, authority: str
) -> Iterator[tuple[str, str, datetime, dict[str, str]]]:
    """Id, sender and day of all that an authority was told, each with what is known of its notice,
    by the codes of the fields. Raises a VaultError.
    """
    rows = connection.execute(select(told_to_us).where(told_to_us.c.authority == authority)).all()
    sealed = {record_of(row.sender, row.id): row.body for row in rows}
    opened = Vault(connection, node).open_all(TABLE, "body", sealed)
    said: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in rows:
        data = opened.get(record_of(row.sender, row.id))
        if data and isinstance(body := decode_partner_body(data), PartnerNotice):
            said[row.sender, row.notice] |= {one.field: one.text for one in body.said}
    for row in rows:
        if record_of(row.sender, row.id) in opened:
            yield row.id, row.sender, row.received_at, said[row.sender, row.notice]


def destroy_told(connection: Connection, node: Node, gone: Collection[tuple[str, str]]) -> None:
    """Destroy what was told, rows and keys, by its sender and id.

    Whoever calls has asked the table of rights and the legal holds, and noted it in the audit.
    """
    Vault(connection, node).destroy(TABLE, [record_of(*one) for one in gone])
    for part in in_parts(gone):
        connection.execute(
            delete(told_to_us).where(tuple_(told_to_us.c.sender, told_to_us.c.id).in_(part))
        )
