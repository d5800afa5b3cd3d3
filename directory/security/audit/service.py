"""Writing the audit: the one function that adds a row, in the transaction of what it tells of."""

from datetime import UTC
from hashlib import sha256

from sqlalchemy import Connection, insert, select, update

from directory.security.audit.chain import Row, row_hash
from directory.security.audit.errors import NotWritable
from directory.security.audit.models import audit_head, audit_row
from directory.security.rights.principal import Principal
from directory.security.vault.service import Vault
from federation import Node


def note(
    connection: Connection,
    node: Node,
    who: Principal,
    action: str,
    *,
    authority: str | None = None,
    record: str = "",
    reason: str = "",
    detail: str = "",
) -> int:
    """Add a row to the audit, in the caller's `writing` transaction; gives its number.

    `record` is kind and id, such as `notice/3f…`; neither it nor `detail` ever names a child, an
    address or a secret. `reason` is sealed. What cannot be written down is not done: this raises,
    and the caller's transaction with it.
    """
    head = connection.execute(select(audit_head).with_for_update()).one_or_none()
    if head is None:
        raise NotWritable(
            "The head of the audit is missing from the database, so nothing can be noted, and "
            "nothing was done. Restore a backup of the database; 'hearth audit verify' says more."
        )
    seq: int = head.seq + 1
    sealed = digest = None
    if why := reason.strip():
        sealed = Vault(connection, node).seal("audit_row", "reason", str(seq), why.encode())
        digest = sha256(sealed).digest()
    at = node.now().astimezone(UTC)
    row = Row(seq, at, who.id, who.name[:200], str(action), authority, record, detail, digest)
    hashed = row_hash(row, head.hash)
    connection.execute(
        insert(audit_row).values(
            seq=seq,
            at=row.at,
            who=row.who,
            who_name=row.who_name,
            action=row.action,
            authority=authority,
            record=record,
            detail=detail,
            reason=sealed,
            reason_digest=digest,
            previous=head.hash,
            hash=hashed,
        )
    )
    connection.execute(update(audit_head).values(seq=seq, hash=hashed))
    return seq
