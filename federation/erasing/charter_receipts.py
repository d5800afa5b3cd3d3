"""Who has destroyed what a charter names: our own signed word, and that of every other member.

The author may be absent, so nobody can be told but everybody; and everybody telling everybody would
be much. So each member shows its own receipt to the others, who ask for those that they lack.
"""

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import Connection, select

from federation import tables
from federation.charter.chain import Kept
from federation.database import is_forgotten, reading, writing
from federation.erasing.receipts import Confirmation
from federation.node import Node
from federation.statements import upsert
from protocols.charter import Member
from protocols.charter_erasures import CharterErasure, open_charter_erasure, sign_charter_erasure
from protocols.keys import Purpose

_table = tables.charter_erasure


def erasing_versions(node: Node) -> list[Kept]:
    """The versions of the charter that erase something, in order."""
    return [kept for kept in node.charters.chain if kept.charter.payloads_erased]


def unsigned(node: Node) -> list[Kept]:
    """Those of them of which this node has not signed yet that nothing is left here."""
    return [kept for kept in erasing_versions(node) if node.name not in _who(node, kept)]


def sign_what_is_done(node: Node) -> bool:
    """Confirm every version of which nothing is left, in whatever file; whether that is all."""
    due = unsigned(node)
    if due and not (is_forgotten(node.replica) and is_forgotten(node.node_db)):
        return False
    for kept in due:
        text = _signed(node, kept, node.now())
        with writing(node.node_db) as connection:
            _keep(connection, kept, node.name, text, node.now(), node.now())
    return True


def shown_receipt(node: Node, version: int) -> str | None:
    """Our receipt for a version of the charter, signed with the access key of today; None where
    there is nothing to confirm, or not yet.
    """
    kept = next((one for one in erasing_versions(node) if one.charter.version == version), None)
    if kept is None:
        return None
    with reading(node.node_db) as connection:
        done = charter_confirmations(connection, kept.digest).get(node.name)
    return _signed(node, kept, done.erased_at) if done else None


def to_be_asked(node: Node) -> dict[str, list[Kept]]:
    """Of which other active members a receipt is missing, and for which versions."""
    missing: dict[str, list[Kept]] = {}
    for kept in erasing_versions(node):
        for name in {member.node for member in node.others()} - _who(node, kept):
            missing.setdefault(name, []).append(kept)
    return missing


def take_charter_receipt(node: Node, member: Member, kept: Kept, text: str) -> None:
    """Verify and keep what a member shows. Raises what `open_charter_erasure` does."""
    keys = {key.kid: key for key in member.keys_for(Purpose.ACCESS)}
    said = open_charter_erasure(text, by=member.node, keys=keys.get, charter=kept.digest)
    with writing(node.node_db) as connection:
        _keep(connection, kept, member.node, text, said.at, node.now())


def charter_confirmations(connection: Connection, digest: str) -> dict[str, Confirmation]:
    """Who has confirmed the version of the charter with a digest, by the member's name."""
    rows = connection.execute(
        select(_table).where(_table.c.charter == digest).order_by(_table.c.node)
    )
    return {row.node: Confirmation(row.erased_at, row.received_at, row.receipt) for row in rows}


def _who(node: Node, kept: Kept) -> AbstractSet[str]:
    with reading(node.node_db) as connection:
        return charter_confirmations(connection, kept.digest).keys()


def _signed(node: Node, kept: Kept, at: datetime) -> str:
    said = CharterErasure(1, node.name, kept.digest, "erased", at)
    return sign_charter_erasure(said, node.access_key())


def _keep(
    connection: Connection, kept: Kept, name: str, text: str, at: datetime, now: datetime
) -> None:
    connection.execute(
        upsert(connection, _table)
        .values(charter=kept.digest, node=name, receipt=text, erased_at=at, received_at=now)
        .on_conflict_do_nothing()
    )
