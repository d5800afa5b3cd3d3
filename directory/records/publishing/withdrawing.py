"""Taking back what was published: retired, it stays readable as history; erased, it is destroyed.

Neither is published again by the register until somebody says so. The list that it came from stays
as it was imported: it is Ofsted's. With a home go its profile and its statement of purpose; each of
them may go alone. With one that is erased go its full document and its children's guide, too.
"""

from hashlib import sha256

from sqlalchemy import Connection, delete, select

from directory.providers.accepting.waiting import destroy_waiting_of
from directory.providers.documents.keeping import destroy_documents
from directory.providers.guides.destroying import destroy_guides
from directory.providers.handins.own import destroy_drafts_of
from directory.providers.statements.drafts import destroy_drafts
from directory.records.publishing.errors import NoSuchRecord
from directory.records.publishing.models import published, withheld
from directory.records.publishing.service import profile_of, reference_of, statement_of
from directory.records.release.held import drop_held
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, forget_erased, own_records, stage_erasure, stage_retirement, upsert
from protocols.errors import ProtocolError
from protocols.records import Anchor, decode_record

_SCHEMAS = {
    "home": "home/1",
    "profile": "profile/1",
    "provider": "provider/1",
    "commissioning": "commissioning/1",
    "statement": "statement/1",
}


def read_reference(said: str) -> str:
    """The reference of a record as people name it: `home/URN`, `profile/URN`, `statement/URN`,
    `commissioning/` and the GSS code of an authority, or `provider/` and its name.

    Raises NoSuchRecord for any other form.
    """
    kind, _, name = said.strip().partition("/")
    if kind not in _SCHEMAS or not name:
        raise NoSuchRecord(
            "A record is named as home/URN, profile/URN or statement/URN, such as home/SC123456, "
            "as commissioning/CODE, with the authority's GSS code, or as provider/NAME, with the "
            "registered name."
        )
    return f"provider/{_digest(name)}" if kind == "provider" else f"{kind}/{name.upper()}"


def retire_record(
    connection: Connection, node: Node, who: Principal, said: str, reason: str
) -> None:
    """Take a record out of what is current, in the caller's transaction on `node.db`. It leaves
    search everywhere and stays readable. Raises NotAllowed, ReasonWanted, NoSuchRecord.
    """
    require(who, Action.RETIRE_RECORDS, reason=reason)
    reference = read_reference(said)
    if not _versions(connection, reference):
        raise NoSuchRecord(f"This node has not published {said}. Nothing was retired.")
    stage_retirement(
        connection, node, [one for one in _with_its_own(reference) if _versions(connection, one)]
    )
    _withhold(connection, node, reference, "retire")
    note(connection, node, who, Action.RETIRE_RECORDS, record=reference, reason=reason)


def erase_record(
    connection: Connection, node: Node, who: Principal, said: str, reason: str
) -> list[int]:
    """Destroy every version of a record here, what waits for release included, and have every
    member destroy theirs, in the caller's transaction on `node.db`; gives the entries of our log
    that are named. After the commit, `federation.finish_erasure`. What only waited has never been
    published, and may be handed in again at once. Raises NotAllowed, ReasonWanted, NoSuchRecord.
    """
    require(who, Action.ERASE_RECORDS, reason=reason)
    reference = read_reference(said)
    theirs = _with_its_own(reference)
    versions = {one: _versions(connection, one) for one in theirs}
    known = connection.scalars(
        select(published.c.reference).where(published.c.reference.in_(theirs))
    ).all()
    waited = [one for one in theirs if drop_held(connection, node, one)]
    waited += [one for one in theirs if _drop_draft(connection, node, one)]
    gone = [one for one in theirs if versions[one] or one in known]
    was_published = bool(gone)
    if not (was_published or waited):
        raise NoSuchRecord(
            f"This node holds no version of {said}: none is published, and none waits for release. "
            "Nothing was erased; 'hearth erased' lists what was erased before."
        )
    note(connection, node, who, Action.ERASE_RECORDS, record=reference, reason=reason)
    if not was_published:
        return []
    connection.execute(delete(published).where(published.c.reference.in_(theirs)))
    _withhold(connection, node, reference, "erase")
    return [index for one in gone for index in stage_erasure(connection, node, one, versions[one])]


def publish_again(connection: Connection, node: Node, who: Principal, said: str) -> None:
    """Let the register publish a record again that somebody here, or the charter, took back.

    Raises NotAllowed, NoSuchRecord.
    """
    require(who, Action.RUN_NODE)
    reference = read_reference(said)
    gone = connection.execute(delete(withheld).where(withheld.c.reference == reference))
    if not forget_erased(connection, reference) and not gone.rowcount:
        raise NoSuchRecord(f"Nobody has retired or erased {said} here. Nothing was changed.")
    note(connection, node, who, "publish a record again", record=reference)
    theirs = _with_its_own(reference)
    connection.execute(delete(published).where(published.c.reference.in_(theirs)))


def _with_its_own(reference: str) -> list[str]:
    """A reference, and that of what goes with it."""
    kind, _, urn = reference.partition("/")
    return [reference, profile_of(urn), statement_of(urn)] if kind == "home" else [reference]


def _drop_draft(connection: Connection, node: Node, reference: str) -> bool:
    """Destroy what somebody is writing of a statement or a profile; with a home, what is kept of it
    and was never published.
    """
    kind, _, urn = reference.partition("/")
    if kind == "home":
        gone = (
            destroy_documents(connection, node, urn),
            destroy_guides(connection, node, urn),
            destroy_waiting_of(connection, node, urn),
        )
        return any(gone)
    if kind == "profile":
        return destroy_drafts_of(connection, node, urn, "profile")
    return kind == "statement" and destroy_drafts(connection, node, urn)


def _versions(connection: Connection, reference: str) -> list[int]:
    """The entries of our own log that hold a version of a record."""
    schema = _SCHEMAS[reference.partition("/")[0]]
    held = own_records(connection, schema)
    return [index for index, data in held.items() if _reference(data) == reference]


def _reference(data: bytes) -> str | None:
    try:
        record = decode_record(data)
    except ProtocolError:
        return None
    return None if isinstance(record, Anchor) else reference_of(record)


def _withhold(connection: Connection, node: Node, reference: str, operation: str) -> None:
    statement = upsert(connection, withheld).values(
        reference=reference, operation=operation, since=node.now()
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["reference"],
            set_={"operation": statement.excluded.operation, "since": statement.excluded.since},
        )
    )


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()
