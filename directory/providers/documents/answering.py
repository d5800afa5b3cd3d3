"""The side that is asked: the rule by which a document is given at once, and what officers decide.

A member in good standing is given it, as regulation 16(2) of the Children's Homes (England)
Regulations 2015 entitles a placing authority to it; up to so many in a day, so that nobody gathers
the doors of a whole county unseen. What is beyond, or not kept here, waits for an officer.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from secrets import token_hex

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from directory.providers.documents.errors import DocumentError, NoSuchAsking, NotReachable
from directory.providers.documents.keeping import held, open_document
from directory.providers.documents.models import document_asked
from directory.providers.documents.standing import in_good_standing
from directory.providers.vouching.workplace import own_homes
from directory.security.audit.arriving import as_node
from directory.security.audit.service import note
from directory.security.rights.errors import ReasonWanted
from directory.security.rights.principal import Principal
from directory.security.rights.service import LONGEST_REASON, SHORTEST_REASON, require
from directory.security.rights.table import Action
from directory.security.vault.errors import VaultError
from directory.security.vault.service import Vault
from federation import Enclosure, Node, NoSuchMember, attach, hold, queue
from protocols.attachments import ENDINGS
from protocols.documents import DocumentAnswer, DocumentAsking, encode_document_body

MOST_A_DAY = 20
"""Documents that one authority is given in 24 hours without anybody here."""
MOST_WAITING = 200
_TABLE = "document_asked"
_asked = document_asked.c


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for the document of a home here, and what became of it."""

    number: str
    asker: str
    urn: str
    asked_by: str
    asked_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    reason: str = ""


def take_asking(
    connection: Connection,
    node: Node,
    body: DocumentAsking,
    *,
    asking: str,
    asker: str,
    authority: str,
) -> None:
    """Keep what another authority asks, and give the document where the rule does."""
    number, now = token_hex(16), node.now()
    connection.execute(
        insert(document_asked).values(
            number=number,
            asker=asker,
            id=asking,
            authority=authority,
            urn=body.urn,
            asked_by=body.asked_by[:200],
            asked_at=now,
            reason=Vault(connection, node).seal(_TABLE, "reason", number, body.reason.encode()),
            state="waiting",
        )
    )
    mine = (_asked.asker == asker) & (_asked.authority == authority)
    waits = _count(connection, mine & (_asked.state == "waiting"))
    if waits > MOST_WAITING:
        said = "Too many of your askings wait here already. Call us."
        _refuse(connection, node, as_node(node.name), authority, number, said)
        return
    given = mine & (_asked.state == "given") & (_asked.decided_at > now - timedelta(days=1))
    if held(connection, authority, body.urn) and _count(connection, given) < MOST_A_DAY:
        # What cannot be opened or sent now is a person's matter.
        with suppress(DocumentError, VaultError):
            _give(connection, node, as_node(node.name), authority, number)


def asked_here(
    connection: Connection, node: Node, who: Principal, authority: str, urn: str | None = None
) -> list[Asked]:
    """Who asked an authority for the documents of its homes: those that wait first, with their
    reasons, then the latest. Raises NotAllowed.
    """
    require(who, Action.KEEP_DOCUMENTS, authority)
    wanted = _asked.authority == authority
    if urn is not None:
        wanted &= _asked.urn == urn
    rows = connection.execute(
        select(document_asked)
        .where(wanted)
        .order_by(_asked.state != "waiting", _asked.asked_at.desc(), _asked.number)
    ).all()
    sealed = {row.number: row.reason for row in rows if row.state == "waiting"}
    reasons = Vault(connection, node).open_all(_TABLE, "reason", sealed)
    names = [name for name in Asked.__dataclass_fields__ if name != "reason"]
    return [
        Asked(
            **{name: row._mapping[name] for name in names},
            reason=reasons.get(row.number, b"").decode(),
        )
        for row in rows
    ]


def asked_of_homes(connection: Connection, node: Node, who: Principal) -> list[Asked]:
    """Who asked for the documents of the homes that somebody's provider runs, as far as they stand
    in areas of this node, the latest first; never for what reason. Raises NotAllowed.
    """
    ours = {
        (one.authority, one.urn)
        for one in own_homes(connection, node, who)
        if one.state == "confirmed"
    }
    names = [_asked[name] for name in Asked.__dataclass_fields__ if name != "reason"]
    rows = connection.execute(
        select(_asked.authority, *names)
        .where(_asked.urn.in_({urn for _, urn in ours}))
        .order_by(_asked.asked_at.desc(), _asked.number)
    ).all()
    return [Asked(*row[1:]) for row in rows if (row.authority, row.urn) in ours]


def count_waiting(connection: Connection, who: Principal, authority: str) -> int:
    """How many askings wait for somebody's decision. Raises NotAllowed."""
    require(who, Action.KEEP_DOCUMENTS, authority)
    return _count(connection, (_asked.authority == authority) & (_asked.state == "waiting"))


def give(connection: Connection, node: Node, who: Principal, authority: str, number: str) -> None:
    """Give the document that somebody waits for. Raises NotAllowed, NoSuchAsking, NothingHeld,
    NotReachable where they are no member any more, or a VaultError.
    """
    _waiting(connection, who, authority, number)
    _give(connection, node, who, authority, number)


def refuse(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, reason: str
) -> None:
    """Say that it is not given, with a reason for whoever asked.

    Raises NotAllowed, NoSuchAsking, ReasonWanted.
    """
    _waiting(connection, who, authority, number)
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise ReasonWanted(
            f"Say why, in {SHORTEST_REASON} to {LONGEST_REASON} characters. Whoever asked reads it"
        )
    _refuse(connection, node, who, authority, number, " ".join(reason.split()))


def _give(connection: Connection, node: Node, who: Principal, authority: str, number: str) -> None:
    row = connection.execute(select(document_asked).where(_asked.number == number)).one()
    if not in_good_standing(node, row.asker):
        raise NotReachable(
            "Whoever asked is no active member of the charter any more, and is given nothing"
        )
    kind, content = open_document(connection, node, authority, row.urn)
    made, now = token_hex(16), node.now()
    name = f"Statement of purpose {row.urn}{ENDINGS[kind][0]}"
    files = attach(
        connection,
        sender=authority,
        message=made,
        files=[Enclosure(name, kind, BytesIO(content))],
    )
    body = encode_document_body(DocumentAnswer(row.id, "given", now))
    queue(
        connection,
        node,
        sender=authority,
        recipient=row.asker,
        body=body,
        message=made,
        attachments=files,
    )
    _settle(connection, node, who, authority, number, "given", made)


def _refuse(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, reason: str
) -> None:
    row = connection.execute(select(document_asked).where(_asked.number == number)).one()
    body = encode_document_body(DocumentAnswer(row.id, "refused", node.now(), reason))
    with suppress(NoSuchMember):  # who has left the charter has nobody to be told
        queue(connection, node, sender=authority, recipient=row.asker, body=body)
    _settle(connection, node, who, authority, number, "refused", None, reason)


def _settle(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    state: str,
    message: str | None,
    reason: str = "",
) -> None:
    row = connection.execute(
        update(document_asked)
        .where(_asked.number == number)
        .values(
            state=state,
            decided_by=None if who == as_node(node.name) else who.name[:200],
            decided_at=node.now(),
            message=message,
        )
        .returning(_asked.urn, _asked.asker, _asked.asked_by)
    ).one()
    note(
        connection,
        node,
        who,
        f"{'give' if state == 'given' else 'refuse'} a full document",
        authority=authority,
        record=f"home/{row.urn}",
        reason=reason,
        detail=f"to {row.asker}, {row.asked_by}",
    )


def _waiting(connection: Connection, who: Principal, authority: str, number: str) -> None:
    require(who, Action.KEEP_DOCUMENTS, authority)
    hold(connection, "documents asked of us")
    state = connection.scalar(
        select(_asked.state).where(_asked.number == number, _asked.authority == authority)
    )
    if state != "waiting":
        raise NoSuchAsking("This was decided meanwhile. The list below is as it is now")


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(document_asked).where(which)) or 0
