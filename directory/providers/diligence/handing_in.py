"""An item of due diligence, handed in with its document to the authority where a home stands, which
checks it, too. The authority that vouches for the staff checks it as ever.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from directory.providers.diligence.errors import NoSuchItem
from directory.providers.diligence.files import file_of
from directory.providers.diligence.items import Item, own_items
from directory.providers.handins.sending import hand_in_files
from directory.providers.vouching.running import RunHome, homes_run
from directory.security.rights.principal import Principal
from federation import Node
from protocols.handins import DiligenceHandIn


def where_to(connection: Connection, node: Node, who: Principal, item: Item) -> list[RunHome]:
    """The homes to whose authorities an item can be handed in, one of each; without that which
    checks it anyway. Raises NotAllowed.
    """
    found: dict[str, RunHome] = {}
    for home in homes_run(connection, node, who):
        is_about = item.subject.urn in (None, home.urn)
        if home.workplace == item.subject.workplace and is_about:
            found.setdefault(home.authority, home)
    found.pop(item.subject.workplace.through, None)
    return list(found.values())


def hand_in_item(
    connection: Connection, node: Node, who: Principal, number: str, authority: str
) -> None:
    """Hand an item in as it stands, in the caller's transaction on `node.db`.

    Raises NotAllowed, NoSuchItem, NotTaken, NotReachable.
    """
    item = _own(own_items(connection, node, who), number)
    homes = [one for one in where_to(connection, node, who, item) if one.authority == authority]
    if not homes:
        raise NoSuchItem("You run no home in that area to which this item belongs. Choose another")
    facts, file = item.facts, file_of(connection, node, item.key)
    body = DiligenceHandIn(
        homes[0].claim,
        who.name[:200],
        item.id,
        of_home=item.subject.urn is not None,
        kind=facts.kind,
        issuer=facts.issuer,
        reference=facts.reference,
        valid_from=facts.valid_from,
        valid_until=facts.valid_until,
    )
    files = [file] if file else []
    hand_in_files(connection, node, who, homes[0], "diligence", body, files, item.id)


def _own(items: Sequence[Item], number: str) -> Item:
    for one in items:
        if one.id == number:
            return one
    raise NoSuchItem("There is no such item of yours any more. Nothing was handed in")
