"""Handing a statement of purpose in: it is screened, and waits for a second person's release."""

from collections.abc import Iterable

from sqlalchemy import Connection

from directory.homes.history import Version
from directory.reference.working_days import london_day
from directory.release.service import HandedIn, hand_in
from directory.rights.principal import Principal
from directory.statements.checking import Check, as_statement, check
from directory.statements.drafts import Draft, published_statement, read_draft
from directory.statements.errors import NotReady
from federation import Node


def checked(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    urn: str,
    said_of_home: Iterable[Version] = (),
) -> tuple[Draft, Check]:
    """The draft of a home's statement, and everything that there is to say of it.

    Raises NotAllowed.
    """
    draft = read_draft(connection, node, who, authority, urn)
    published = published_statement(connection, urn)
    return draft, check(draft, published, said_of_home, london_day(node.now()))


def hand_in_statement(
    connection: Connection, node: Node, who: Principal, authority: str, urn: str
) -> HandedIn:
    """Hand the draft in, in the caller's transaction on `node.db`; it stays, in case it is
    returned. Raises NotAllowed, NotReady, NotHandedIn, NotFitToPublish.
    """
    draft, said = checked(connection, node, who, authority, urn)
    statement = as_statement(draft, authority, urn)
    if said.wrong or said.found or statement is None:
        raise NotReady(
            "The statement cannot be handed in yet. What has to be done first is listed below"
        )
    return hand_in(connection, node, who, [statement])
