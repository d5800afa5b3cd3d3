"""Handing a statement of purpose in, wherever it is published: it is screened, and waits for a
second person's release.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from directory.country.reference.working_days import london_day
from directory.homes.history import Version
from directory.providers.handins.own import is_published
from directory.providers.handins.sending import hand_in_own
from directory.providers.statements.checking import Check, as_statement, check
from directory.providers.statements.desks import Desk
from directory.providers.statements.drafts import Draft, published_statement, read_draft
from directory.providers.statements.errors import NotReady
from directory.providers.vouching.running import home_run
from directory.records.release.service import hand_in
from directory.security.rights.principal import Principal
from federation import Node


def checked(
    connection: Connection,
    node: Node,
    who: Principal,
    desk: Desk,
    said_of_home: Iterable[Version] = (),
) -> tuple[Draft, Check]:
    """The draft of a home's statement, and everything that there is to say of it.

    Raises NotAllowed.
    """
    draft = read_draft(connection, node, who, desk)
    published = published_statement(connection, node, desk)
    return draft, check(draft, published, said_of_home, london_day(node.now()))


def hand_in_statement(connection: Connection, node: Node, who: Principal, desk: Desk) -> bool:
    """Hand the draft in, in the caller's transaction on `node.db`; it stays, in case it is
    returned. Gives whether it is published at once.

    Raises NotAllowed, NotReady, NotHandedIn, NotFitToPublish, and HandInError for a provider's.
    """
    draft, said = checked(connection, node, who, desk)
    statement = as_statement(draft, desk.authority, desk.urn)
    if said.wrong or said.found or statement is None:
        raise NotReady(
            "The statement cannot be handed in yet. What has to be done first is listed below"
        )
    if desk.claim is None:
        return not hand_in(connection, node, who, [statement]).waiting
    home = home_run(connection, node, who, desk.claim)
    return is_published(connection, hand_in_own(connection, node, who, home, statement))
