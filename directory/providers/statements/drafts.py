"""A statement of purpose as it is being written: saved section by section, sealed at rest.

There is one draft of a home at each desk. It begins as the version that is published, if there is
one. Each save changes its own section alone, so that two people who write at once keep what both
have written; of one section the second is told, and nothing is overwritten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

import msgspec
from msgspec import Struct
from msgspec.json import Decoder
from sqlalchemy import Connection, delete, select

from directory.country.authorities.former import standing_today
from directory.providers.handins import own
from directory.providers.statements.desks import Desk, require_at
from directory.providers.statements.errors import ChangedMeanwhile
from directory.providers.statements.models import statement_draft
from directory.providers.statements.published import current_statements
from directory.records.publishing.service import statement_of
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, latest_records, reading, upsert
from protocols.records import decode_record
from protocols.statements import Matter, Statement

_TABLE = "statement_draft"


class Draft(Struct):
    """What was written so far. `to_read` were filled in from a file and nobody has read them since;
    `unplaced` is what of that file stands in no section.
    """

    sections: dict[Matter, str] = {}
    not_applicable: list[Matter] = []
    revised_on: date | None = None
    reviewed_on: date | None = None
    to_read: list[Matter] = []
    unplaced: str = ""


_DRAFT = Decoder(Draft)


@dataclass(frozen=True, slots=True)
class Begun:
    """That somebody is writing a home's statement."""

    urn: str
    changed_at: datetime
    changed_by: str


def published_statement(connection: Connection, node: Node, desk: Desk) -> Statement | None:
    """The latest version that is published: of a home here, signed yet or not; of one elsewhere, as
    far as this node has followed.
    """
    if desk.authority in node.member.area:
        reference = statement_of(desk.urn)
        data = latest_records(connection, [reference]).get(reference)
        record = decode_record(data) if data else None
        said = [record] if isinstance(record, Statement) else []
    else:
        with reading(node.replica) as replica:
            said = [one.record for one in current_statements(replica, desk.urn)]
    return next((one for one in said if standing_today(one.authority) == desk.authority), None)


def read_draft(connection: Connection, node: Node, who: Principal, desk: Desk) -> Draft:
    """The draft of a home's statement; what is published, where nobody has begun one.

    Raises NotAllowed.
    """
    require_at(connection, node, who, desk)
    if desk.claim:
        body = own.read_draft(connection, node, desk.claim, "statement")
    else:
        body = _officers(connection, node, desk)
    if body is None:
        return _begun(published_statement(connection, node, desk))
    return _DRAFT.decode(body)


def begun(connection: Connection, who: Principal, authority: str) -> list[Begun]:
    """The drafts of an authority's homes, those last changed first. Raises NotAllowed."""
    require(who, Action.WRITE_STATEMENTS, authority)
    rows = connection.execute(
        select(statement_draft.c.urn, statement_draft.c.changed_at, statement_draft.c.changed_by)
        .where(statement_draft.c.authority == authority)
        .order_by(statement_draft.c.changed_at.desc(), statement_draft.c.urn)
    )
    return [Begun(*row) for row in rows]


def is_begun(connection: Connection, desk: Desk) -> bool:
    """Whether there is a draft of a home's statement."""
    if desk.claim:
        return (desk.claim, "statement") in own.drafts_begun(connection, [desk.claim])
    wanted = select(statement_draft.c.urn).where(statement_draft.c.urn == desk.urn)
    return connection.scalar(wanted) is not None


def save_section(
    connection: Connection,
    node: Node,
    who: Principal,
    desk: Desk,
    matter: Matter,
    text: str,
    *,
    applies: bool = True,
    instead_of: str | None = None,
    still_to_read: bool = False,
) -> None:
    """Keep what somebody wrote about a matter; nothing, where `text` is empty.

    `instead_of` is the `mark` of the text that they changed. Whoever saves has read it, unless it
    is `still_to_read`. Raises NotAllowed, ChangedMeanwhile.
    """
    draft = read_draft(connection, node, who, desk)
    held = draft.sections.get(matter, "")
    if instead_of is not None and instead_of != mark(held) and held != text:
        raise ChangedMeanwhile(
            "Somebody else has saved this section since you opened it. Yours is still in the box "
            "below, theirs stands beside it: put together what is to stand here, and save again"
        )
    draft.sections = _with(draft.sections, matter, text if applies else "")
    draft.not_applicable = [one for one in draft.not_applicable if one != matter]
    if not applies:
        draft.not_applicable.append(matter)
    if not still_to_read:
        draft.to_read = [one for one in draft.to_read if one != matter]
    keep_draft(connection, node, who, desk, draft)


def keep_draft(
    connection: Connection, node: Node, who: Principal, desk: Desk, draft: Draft
) -> None:
    """Keep a draft in the place of the one before, in the caller's transaction on `node.db`.

    Raises NotAllowed.
    """
    require_at(connection, node, who, desk)
    body = msgspec.json.encode(draft)
    if desk.claim:
        own.keep_draft(connection, node, who, desk.claim, "statement", body)
        return
    sealed = Vault(connection, node).seal(_TABLE, "body", desk.urn, body)
    statement = upsert(connection, statement_draft).values(
        urn=desk.urn,
        authority=desk.authority,
        body=sealed,
        changed_at=node.now(),
        changed_by=who.name[:200],
    )
    named = ("authority", "body", "changed_at", "changed_by")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["urn"], set_={name: statement.excluded[name] for name in named}
        )
    )


def discard_draft(connection: Connection, node: Node, who: Principal, desk: Desk) -> None:
    """Destroy what was written and not published. Raises NotAllowed."""
    audited_by = require_at(connection, node, who, desk)
    if desk.claim:
        gone = own.destroy_draft(connection, node, desk.claim, "statement")
    else:
        gone = _destroy(connection, node, desk.urn)
    if gone:
        action = "discard the draft of a statement of purpose"
        note(connection, node, who, action, authority=audited_by, record=statement_of(desk.urn))


def destroy_drafts(connection: Connection, node: Node, urn: str) -> bool:
    """Destroy every draft here of a home's statement, for good; gives whether there was one."""
    theirs = own.destroy_drafts_of(connection, node, urn, "statement")
    return _destroy(connection, node, urn) or theirs


def _destroy(connection: Connection, node: Node, urn: str) -> bool:
    gone = connection.execute(delete(statement_draft).where(statement_draft.c.urn == urn))
    Vault(connection, node).destroy(_TABLE, [urn])
    return bool(gone.rowcount)


def mark(text: str) -> str:
    """What tells one text of a section from another, in a form that is shown."""
    return sha256(text.encode()).hexdigest()[:16]


def _begun(published: Statement | None) -> Draft:
    if published is None:
        return Draft()
    return Draft(
        sections={one.matter: one.text for one in published.sections},
        not_applicable=list(published.not_applicable),
        revised_on=published.revised_on,
        reviewed_on=published.reviewed_on,
    )


def _officers(connection: Connection, node: Node, desk: Desk) -> bytes | None:
    body = connection.scalar(
        select(statement_draft.c.body).where(
            statement_draft.c.urn == desk.urn, statement_draft.c.authority == desk.authority
        )
    )
    return Vault(connection, node).open(_TABLE, "body", desk.urn, body) if body else None


def _with(sections: Mapping[Matter, str], matter: Matter, text: str) -> dict[Matter, str]:
    kept = {one: said for one, said in sections.items() if one != matter}
    return kept | ({matter: text} if text else {})
