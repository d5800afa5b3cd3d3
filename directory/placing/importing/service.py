"""Importing placements: what was read lies sealed for an hour, is held against the register, shown,
and stored in one transaction.

The register is compared again when it is stored: what others did meanwhile counts.
"""

from datetime import timedelta
from secrets import token_hex

import msgspec
from msgspec.json import Decoder
from sqlalchemy import Connection, delete, insert, select

from directory.country.reference.working_days import london_day
from directory.country.rules.relation import relation_of
from directory.placing.importing.comparing import Plan, Register, plan
from directory.placing.importing.errors import NoSuchDraft
from directory.placing.importing.models import import_draft
from directory.placing.importing.values import Draft
from directory.placing.register.models import placement
from directory.placing.register.rows import (
    insert_children,
    insert_placements,
    kept_placements,
    open_children,
    open_placements,
    update_children,
    update_placements,
)
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, forget_deleted, hold, reading, writing

KEPT_FOR = timedelta(hours=1)
_TABLE, _BODY = "import_draft", "body"
_DRAFT = Decoder(Draft)


def keep_draft(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    draft: Draft,
    action: Action = Action.KEEP_PLACEMENTS,
) -> str:
    """Keep what was read, for an action, until it is imported; gives its id. Those whose hour is
    over are destroyed. Raises NotAllowed.
    """
    require(who, action, authority)
    vault = Vault(connection, node)
    old = connection.scalars(
        select(import_draft.c.id).where(import_draft.c.made_at <= node.now() - KEPT_FOR)
    ).all()
    _destroy(connection, vault, *old)
    number = token_hex(16)
    connection.execute(
        insert(import_draft).values(
            id=number,
            authority=authority,
            made_by=who.id,
            body=vault.seal(_TABLE, _BODY, number, msgspec.json.encode(draft)),
            made_at=node.now(),
        )
    )
    return number


def draft_of(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    action: Action = Action.KEEP_PLACEMENTS,
) -> Draft:
    """What somebody has read, which only they see. Raises NotAllowed, NoSuchDraft."""
    require(who, action, authority)
    sealed = connection.scalar(
        select(import_draft.c.body).where(
            import_draft.c.id == number,
            import_draft.c.authority == authority,
            import_draft.c.made_by == who.id,
            import_draft.c.made_at > node.now() - KEPT_FOR,
        )
    )
    if sealed is None:
        raise NoSuchDraft(
            "What you were importing is not here any more: it was imported, or an hour is over. "
            "Choose the file again."
        )
    return _DRAFT.decode(Vault(connection, node).open(_TABLE, _BODY, number, sealed))


def drop_draft(connection: Connection, node: Node, number: str) -> None:
    """Destroy what was read."""
    _destroy(connection, Vault(connection, node), number)


def end_drafts(node: Node) -> None:
    """Destroy what was read and not imported within the hour: a chore of the worker's."""
    over = select(import_draft.c.id).where(import_draft.c.made_at <= node.now() - KEPT_FOR)
    with reading(node.node_db) as connection:
        if connection.scalars(over).first() is None:
            return
    with writing(node.node_db) as connection:
        _destroy(connection, Vault(connection, node), *connection.scalars(over).all())
    forget_deleted(node.node_db)


def preview(
    connection: Connection, node: Node, who: Principal, authority: str, draft: Draft
) -> Plan:
    """What an import would do now. It says of the register which things change, and never from
    what. Raises NotAllowed.
    """
    require(who, Action.KEEP_PLACEMENTS, authority)
    kept = kept_placements(connection, placement.c.authority == authority)
    children = open_children(connection, node, authority)
    facts = open_placements(connection, node, [one.id for one in kept])
    return plan(
        draft.incoming,
        Register(children, kept, facts),
        lambda area: relation_of(node.folder, authority, area),
        london_day(node.now()),
        draft.source,
    )


def store(connection: Connection, node: Node, who: Principal, authority: str, draft: Draft) -> Plan:
    """Import it, in the caller's transaction; gives what was done. Raises NotAllowed."""
    hold(connection, f"placements of {authority}")
    found = preview(connection, node, who, authority, draft)
    source = draft.source
    new = list(found.new_children.values())
    ids = dict(
        zip(
            found.new_children,
            insert_children(connection, node, authority, source, new),
            strict=True,
        )
    )
    update_children(connection, node, found.changed_children)
    known = {**found.known, **ids}
    insert_placements(
        connection,
        node,
        authority,
        source,
        [(known[name], course, facts) for name, course, facts in found.new],
    )
    update_placements(connection, node, found.changed)
    note(
        connection,
        node,
        who,
        Action.KEEP_PLACEMENTS,
        authority=authority,
        record="register",
        detail=f"imported from {source}: {len(found.new)} new, {len(found.changed)} changed",
    )
    return found


def _destroy(connection: Connection, vault: Vault, *numbers: str) -> None:
    if numbers:
        vault.destroy(_TABLE, numbers)
        connection.execute(delete(import_draft).where(import_draft.c.id.in_(numbers)))
