"""Filling a draft in from a file: every section that was found waits for somebody to read it."""

from sqlalchemy import Connection

from directory.providers.statements.desks import Desk, require_at
from directory.providers.statements.drafts import keep_draft, read_draft
from directory.providers.statements.importing.sections import Found
from directory.providers.statements.schedule import PARAGRAPHS
from directory.records.publishing.service import statement_of
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.web.forms import cleaned
from federation import Node


def fill_in(
    connection: Connection, node: Node, who: Principal, desk: Desk, found: Found
) -> list[str]:
    """Put what was found into the draft, in the caller's transaction on `node.db`; gives the titles
    of the sections. What stands in other sections already is kept. Raises NotAllowed.
    """
    draft = read_draft(connection, node, who, desk)
    texts = {matter: cleaned(text) for matter, text in found.sections.items()}
    filled = [one for one in PARAGRAPHS if texts.get(one.matter)]
    draft.sections |= {one.matter: texts[one.matter] for one in filled}
    draft.not_applicable = [one for one in draft.not_applicable if one not in found.sections]
    draft.to_read = [
        one.matter
        for one in PARAGRAPHS
        if one in filled or (one.matter in draft.to_read and one.matter in draft.sections)
    ]
    draft.unplaced = cleaned(found.unplaced)
    keep_draft(connection, node, who, desk, draft)
    note(
        connection,
        node,
        who,
        "fill in a statement of purpose from a file",
        authority=require_at(connection, node, who, desk),
        record=statement_of(desk.urn),
        detail=f"{len(filled)} sections found",
    )
    return [one.title for one in filled]
