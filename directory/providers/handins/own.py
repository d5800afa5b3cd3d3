"""A provider's side: what its staff are writing of a home, and everything that they handed in.

Sealed, and destroyed when the provider runs the home no longer. Who may is asked before, in
`directory.providers.vouching.running`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, TypeAlias

from sqlalchemy import Connection, delete, insert, select

from directory.providers.handins.models import own_hand_in, provider_draft
from directory.providers.vouching.models import provider_home
from directory.providers.vouching.running import RunHome
from directory.security.rights.principal import Principal
from directory.security.vault.service import Vault
from federation import DEAD, Dispatch, Node, dispatches, upsert

Kind: TypeAlias = Literal["profile", "statement"]
KINDS: tuple[Kind, ...] = ("profile", "statement")
Handed: TypeAlias = Kind | Literal["guide", "document", "diligence"]
MOST_KEPT = 20
"""Of one home and kind; of the oldest nothing remains."""
_DRAFT, _HAND_IN = "provider_draft", "own_hand_in"


@dataclass(frozen=True, slots=True)
class Begun:
    """That somebody is writing, and who saved it last."""

    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class OwnHandIn:
    """What was handed in, and what became of it: `outcome` is None while it waits."""

    seq: int
    id: str
    claim: str
    kind: str
    handed_in_by: str
    handed_in_at: datetime
    outcome: str | None
    answered_at: datetime | None
    reason: str
    item: str | None = None
    withdrawn_by: str | None = None
    withdrawal: str | None = None
    """The message that takes it back; None where it was taken back on this node."""

    @property
    def about(self) -> tuple[str, str | None]:
        """What a later one takes the place of."""
        return self.kind, self.item


def read_draft(connection: Connection, node: Node, claim: str, kind: Kind) -> bytes | None:
    """What was written so far of a home; None where nobody has begun."""
    body = connection.scalar(
        select(provider_draft.c.body).where(
            provider_draft.c.claim == claim, provider_draft.c.kind == kind
        )
    )
    return Vault(connection, node).open(_DRAFT, "body", f"{claim}/{kind}", body) if body else None


def keep_draft(
    connection: Connection, node: Node, who: Principal, claim: str, kind: Kind, body: bytes
) -> None:
    """Keep a draft in the place of the one before."""
    sealed = Vault(connection, node).seal(_DRAFT, "body", f"{claim}/{kind}", body)
    statement = upsert(connection, provider_draft).values(
        claim=claim, kind=kind, body=sealed, changed_at=node.now(), changed_by=who.name[:200]
    )
    named = ("body", "changed_at", "changed_by")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["claim", "kind"],
            set_={name: statement.excluded[name] for name in named},
        )
    )


def destroy_draft(connection: Connection, node: Node, claim: str, kind: Kind) -> bool:
    """Destroy a draft, for good; gives whether there was one."""
    gone = connection.execute(
        delete(provider_draft).where(provider_draft.c.claim == claim, provider_draft.c.kind == kind)
    )
    Vault(connection, node).destroy(_DRAFT, [f"{claim}/{kind}"])
    return bool(gone.rowcount)


def drafts_begun(connection: Connection, claims: Collection[str]) -> dict[tuple[str, str], Begun]:
    """Which drafts there are of homes, by claim and kind."""
    rows = connection.execute(
        select(
            provider_draft.c.claim,
            provider_draft.c.kind,
            provider_draft.c.changed_at,
            provider_draft.c.changed_by,
        ).where(provider_draft.c.claim.in_(claims))
    )
    return {(row.claim, row.kind): Begun(row.changed_at, row.changed_by) for row in rows}


def keep_hand_in(
    connection: Connection,
    node: Node,
    who: Principal,
    *,
    hand_in: str,
    home: RunHome,
    kind: Handed,
    content: bytes,
    item: str | None = None,
    is_record: bool = False,
) -> None:
    """Keep that this is handed in now, and of what was handed in before the latest. The `content`
    of a record is kept as well; files are where they were written.
    """
    vault = Vault(connection, node)
    connection.execute(
        insert(own_hand_in).values(
            id=hand_in,
            claim=home.claim,
            kind=kind,
            item=item,
            through=home.workplace.through,
            authority=home.authority,
            record=vault.seal(_HAND_IN, "record", hand_in, content) if is_record else None,
            digest=vault.seal(_HAND_IN, "digest", hand_in, sha256(content).digest()),
            handed_in_by=who.name[:200],
            handed_in_at=node.now(),
        )
    )
    older = connection.scalars(
        select(own_hand_in.c.id)
        .where(own_hand_in.c.claim == home.claim, own_hand_in.c.kind == kind)
        .order_by(own_hand_in.c.seq.desc())
        .offset(MOST_KEPT)
    ).all()
    _destroy_hand_ins(connection, node, older)


def can_withdraw(one: OwnHandIn, dispatch: Dispatch | None) -> bool:
    """Whether something waits, as far as is known here. `dispatch` is of what carried it."""
    reached = dispatch is None or dispatch.state not in DEAD
    return one.outcome is None and one.withdrawn_by is None and reached


def is_published(connection: Connection, hand_in: str) -> bool:
    """Whether what was handed in is published."""
    wanted = select(own_hand_in.c.outcome).where(own_hand_in.c.id == hand_in)
    return connection.scalar(wanted) == "published"


def hand_ins_of(
    connection: Connection, node: Node, claims: Collection[str]
) -> dict[tuple[str, str], list[OwnHandIn]]:
    """What was handed in of homes, by claim and kind, the latest first."""
    rows = connection.execute(
        select(own_hand_in)
        .where(own_hand_in.c.claim.in_(claims))
        .order_by(own_hand_in.c.seq.desc())
    ).all()
    reasons = Vault(connection, node).open_all(
        _HAND_IN, "reason", {row.id: row.reason for row in rows if row.reason}
    )
    found: dict[tuple[str, str], list[OwnHandIn]] = {}
    for row in rows:
        found.setdefault((row.claim, row.kind), []).append(
            OwnHandIn(
                seq=row.seq,
                id=row.id,
                claim=row.claim,
                kind=row.kind,
                handed_in_by=row.handed_in_by,
                handed_in_at=row.handed_in_at,
                outcome=row.outcome,
                answered_at=row.answered_at,
                reason=reasons.get(row.id, b"").decode(),
                item=row.item,
                withdrawn_by=row.withdrawn_by,
                withdrawal=row.withdrawal,
            )
        )
    return found


def messages_of(connection: Connection, handed_in: Iterable[OwnHandIn]) -> dict[str, Dispatch]:
    """The messages that carried what was handed in, or take it back, by id."""
    every = list(handed_in)
    ids = [one.id for one in every] + [one.withdrawal for one in every if one.withdrawal]
    return dispatches(connection, ids)


def record_of(connection: Connection, node: Node, hand_in: str) -> bytes | None:
    """What was handed in; None once it is published: the log has it then, and no other copy."""
    mine = own_hand_in.c.id == hand_in
    sealed = connection.scalar(select(own_hand_in.c.record).where(mine))
    return Vault(connection, node).open(_HAND_IN, "record", hand_in, sealed) if sealed else None


def digests_of(connection: Connection, node: Node, hand_ins: Collection[str]) -> dict[str, bytes]:
    """The SHA-256 of what was handed in, by which a log is searched for it."""
    rows = connection.execute(
        select(own_hand_in.c.id, own_hand_in.c.digest).where(own_hand_in.c.id.in_(hand_ins))
    )
    sealed = {row.id: row.digest for row in rows}
    return Vault(connection, node).open_all(_HAND_IN, "digest", sealed)


def destroy_drafts_of(connection: Connection, node: Node, urn: str, kind: Kind) -> bool:
    """Destroy what providers' staff here write of a home that is erased; whether anybody did."""
    claims = connection.scalars(select(provider_home.c.id).where(provider_home.c.urn == urn)).all()
    gone = [claim for claim in claims if destroy_draft(connection, node, claim, kind)]
    return bool(gone)


def destroy_written(connection: Connection, node: Node, claim: str) -> None:
    """Destroy everything that was written of a home by a provider that runs it no longer."""
    for kind in KINDS:
        destroy_draft(connection, node, claim, kind)
    ids = connection.scalars(select(own_hand_in.c.id).where(own_hand_in.c.claim == claim)).all()
    _destroy_hand_ins(connection, node, ids)


def _destroy_hand_ins(connection: Connection, node: Node, ids: Collection[str]) -> None:
    connection.execute(delete(own_hand_in).where(own_hand_in.c.id.in_(ids)))
    Vault(connection, node).destroy(_HAND_IN, ids)
