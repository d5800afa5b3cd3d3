"""The export itself: a zip with a page to read, the same as JSON, and the files that came.

It is made in memory and given to who asked; nothing of it is kept here. No name of a file in it,
nor its own, says anything about the child.
"""

from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
from jinja2 import Environment, PackageLoader
from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.privacy.restricting.errors import Restricted
from directory.privacy.retention.records import CaseRecord, Kind, case_records
from directory.privacy.subject_access.errors import NothingChosen
from directory.privacy.subject_access.finding import closed_records
from directory.privacy.subject_access.gathering import Filed, gather
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import AttachmentGone, Node, received_attachment

_ENDINGS = {
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "image/jpeg": "jpg",
    "image/png": "png",
}
_pages = Environment(loader=PackageLoader("directory.privacy.subject_access"), autoescape=True)
_pages.filters["words"] = lambda name: str(name).replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is to be exported, and the files to be fetched for it after the transaction."""

    said: dict[str, Any]
    files: tuple[tuple[CaseRecord, int, Filed], ...]


def gather_all(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    chosen: Collection[str],
    reason: str,
) -> Gathered:
    """All that an authority holds in the records chosen (kind and id, as `find` gave them).

    Every one of them has an audit row. Needs `writing`. Raises NotAllowed, ReasonWanted,
    NothingChosen, Restricted where one is closed to them, a VaultError.
    """
    require(who, Action.EXPORT_SUBJECT, authority, reason)
    every = [one for one in case_records(connection, node, authority) if one.record in chosen]
    if not every:
        raise NothingChosen("Choose the records that are about the child who asks.")
    closed = closed_records(connection, node, who, authority)
    for one in every:
        if (ask := closed(one)) is not None:
            raise Restricted(authority, one.record, ask)
    records, files = [], []
    for one in every:
        said, attached = gather(connection, node, authority, one)
        records.append(said)
        files += [(one, number, file) for number, file in enumerate(attached)]
        note(
            connection,
            node,
            who,
            Action.EXPORT_SUBJECT,
            authority=authority,
            record=one.record,
            reason=reason,
            detail="exported",
        )
    return Gathered(
        {
            "controller": authority_name(authority),
            "gss": authority,
            "made_at": msgspec.to_builtins(node.now()),
            "records": records,
        },
        tuple(files),
    )


def as_zip(node: Node, gathered: Gathered) -> bytes:
    """The export. A file that the sender's node no longer holds is said to be gone."""
    made = BytesIO()
    notes = []
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for one, place, filed in gathered.files:
            name = f"files/{one.id[:8]}-{place + 1}.{_ENDINGS[filed.file.type]}"
            if (content := _content(node, one, filed)) is None:
                notes.append(f"{name} is not here any more: it lies with who received it.")
            else:
                archive.writestr(name, content)
        said = gathered.said | {"notes": notes}
        archive.writestr("record.json", msgspec.json.format(msgspec.json.encode(said)))
        page = _pages.get_template("subject_access/export.html").render(said)
        archive.writestr("read.html", page)
    return made.getvalue()


def _content(node: Node, one: CaseRecord, filed: Filed) -> bytes | None:
    if one.kind is not Kind.RECEIVED or one.other is None:
        return None
    try:
        return b"".join(
            received_attachment(node, one.other, filed.message, filed.number, filed.file)
        )
    except AttachmentGone:
        return None
