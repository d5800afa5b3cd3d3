"""What both sides of a notice share: how a look at it is noted, and what it is sealed under."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row

from directory.intake.attachments.keeping import decode_attachments, encode_attachments
from directory.notices.errors import NoSuchNotice
from directory.notices.following.files import files_after
from directory.notices.now import Now, Side, now_of, read_first, record_of
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node
from protocols.attachments import Attachment
from protocols.notices import Notice


@dataclass(frozen=True, slots=True)
class Opened:
    """All of a notice: what it said of the child first, what it says now, the files that go with
    it, and those of its changes, by their message.
    """

    notice: Notice
    now: Now
    attachments: tuple[Attachment, ...]
    after: Mapping[str, tuple[Attachment, ...]]


def note_look(
    connection: Connection,
    node: Node,
    who: Principal,
    action: Action,
    authority: str,
    notice: str,
    reason: str,
    detail: str = "",
) -> None:
    """Put a look at a notice, or its end, into the audit of an authority's records."""
    record = f"notice/{notice}"
    note(
        connection,
        node,
        who,
        action,
        authority=authority,
        record=record,
        reason=reason,
        detail=detail,
    )


def open_notice(
    connection: Connection, node: Node, side: Side, row: Row[tuple[object, ...]]
) -> Opened:
    """What is sealed in a row of either table. Raises NoSuchNotice when it is something else, or a
    VaultError.
    """
    vault, record = Vault(connection, node), record_of(side, row)
    table = f"{side}_notice"
    first = read_first(vault.open(table, "body", record, row.body))
    if not isinstance(first, Notice):
        raise NoSuchNotice("what is kept under this id was entered here, and is not a notice")
    return Opened(
        first,
        now_of(connection, node, side, row),
        open_attachments(vault, table, record, row),
        files_after(connection, node, side, row),
    )


def open_attachments(
    vault: Vault, table: str, record: str, row: Row[tuple[object, ...]]
) -> tuple[Attachment, ...]:
    """The files of a notice in either table, their keys included. Raises a VaultError."""
    if row.attachments is None:
        return ()
    return decode_attachments(vault.open(table, "attachments", record, row.attachments))


def seal_attachments(
    vault: Vault, table: str, record: str, attachments: tuple[Attachment, ...]
) -> bytes | None:
    """What to store of the files of a notice; nothing where there are none."""
    if not attachments:
        return None
    return vault.seal(table, "attachments", record, encode_attachments(attachments))
