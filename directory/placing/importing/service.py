"""Importing placements: what was read lies sealed for an hour, is held against the register, shown,
and stored in one transaction.

The register is compared again when it is stored: what others did meanwhile counts.
"""

from datetime import date, timedelta
from functools import cache
from secrets import token_hex

import msgspec
from msgspec.json import Decoder
from sqlalchemy import Connection, delete, func, insert, select

from directory.country.reference.working_days import london_day
from directory.country.rules.relation import relation_of
from directory.country.rules.table import rules_for
from directory.notices.sending import areas, why_closed
from directory.placing.importing.comparing import Plan, plan
from directory.placing.importing.errors import NoSuchDraft
from directory.placing.importing.fitting import Fitting
from directory.placing.importing.matching import Register
from directory.placing.importing.models import import_draft, placement_import
from directory.placing.importing.values import Draft
from directory.placing.register.knowing import Known, keep_knowledge, knowledge_of, of_placement
from directory.placing.register.models import child, placement
from directory.placing.register.rows import (
    insert_children,
    insert_placements,
    kept_placements,
    open_children,
    open_placements,
    update_children,
    update_placements,
)
from directory.placing.register.service import closed_register
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
    what. Rows about children whose records are closed to the person who asks are left out; a case
    system's are not, which reads nothing back. Raises NotAllowed.
    """
    require(who, Action.KEEP_PLACEMENTS, authority)
    today, register = london_day(node.now()), _register(connection, node, authority)
    closed = set[str]()
    if draft.source != "api":
        hidden = closed_register(connection, node, who, authority, register.children)
        closed = {register.children[number].identifier for number in hidden}
    open_ = [one for one in draft.incoming if one.child.identifier not in closed]
    with reading(node.replica) as replica:
        found = plan(
            open_,
            register,
            lambda area: relation_of(node.folder, authority, area),
            today,
            draft.source,
            draft.as_at or today,
            Fitting(
                authority,
                rules_for(authority),
                today,
                cache(lambda urn: why_closed(replica, urn) is not None),
                areas(node, authority),
            ),
        )
    found.closed = len(draft.incoming) - len(open_)
    found.absent = [
        one for one in found.absent if register.children[one.child].identifier not in closed
    ]
    return found


def store(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    draft: Draft,
    number: str | None = None,
) -> Plan:
    """Import it, in the caller's transaction, under a number; gives what was done. Raises
    NotAllowed.
    """
    hold(connection, f"placements of {authority}")
    found = preview(connection, node, who, authority, draft)
    source, number = draft.source, number or token_hex(16)
    new = found.new_children
    ids = insert_children(connection, node, authority, source, list(new.values()))
    known = {**found.known, **dict(zip(new, ids, strict=True))}
    update_children(connection, node, found.changed_children)
    children_as_of = {known.get(one, one): of for one, of in found.children_as_of.items()}
    keep_knowledge(connection, child, children_as_of)
    placed = [(known[name], course, facts) for name, course, facts in found.new]
    of_new = insert_placements(connection, node, authority, source, placed, came_with=number)
    update_placements(connection, node, found.changed)
    as_of = Known(found.as_at)
    known_of_new = {
        one: dict.fromkeys(of_placement(course, facts), as_of)
        for one, (_, course, facts) in zip(of_new, placed, strict=True)
    }
    keep_knowledge(connection, placement, {**found.placements_as_of, **known_of_new})
    if placed or source == "ssda903":
        connection.execute(
            insert(placement_import).values(
                id=number,
                authority=authority,
                source=source,
                as_at=found.as_at,
                made_by=who.name[:200],
                made_at=node.now(),
            )
        )
    note(
        connection,
        node,
        who,
        Action.KEEP_PLACEMENTS,
        authority=authority,
        record="register",
        detail=f"imported from {source} as of {found.as_at}: {len(found.new)} new, "
        f"{len(found.changed)} changed, {len(found.left)} left: import/{number}",
    )
    return found


def _register(connection: Connection, node: Node, authority: str) -> Register:
    kept = kept_placements(connection, placement.c.authority == authority)
    children = open_children(connection, node, authority)
    newest = select(func.max(placement_import.c.as_at)).where(
        placement_import.c.authority == authority, placement_import.c.source == "ssda903"
    )
    ids = [one.id for one in kept]
    return Register(
        children,
        kept,
        open_placements(connection, node, ids),
        knowledge_of(connection, child, list(children)) | knowledge_of(connection, placement, ids),
        connection.scalar(newest) or date.min,
    )


def _destroy(connection: Connection, vault: Vault, *numbers: str) -> None:
    if numbers:
        vault.destroy(_TABLE, numbers)
        connection.execute(delete(import_draft).where(import_draft.c.id.in_(numbers)))
