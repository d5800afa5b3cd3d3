"""What a home's staff tell the authority of the area: on this node, or by a sealed message."""

from secrets import token_hex

from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.hosting.homes.errors import NotReachable
from directory.hosting.homes.taking import take
from directory.providers.vouching.running import RunHome
from federation import Node, NoSuchMember, queue
from protocols.residents import HomeNotice, encode_resident_body


def tell(connection: Connection, node: Node, home: RunHome, said: HomeNotice) -> str:
    """Tell of a stay; gives the message's id. Raises NotTaken, NotReachable."""
    if home.authority in node.member.area:
        take(connection, node, said, through=home.workplace.through, area=home.authority)
        return token_hex(16)
    try:
        return queue(
            connection,
            node,
            sender=home.workplace.through,
            recipient=home.authority,
            body=encode_resident_body(said),
        )
    except NoSuchMember:
        raise NotReachable(
            f"No member of the charter speaks for {authority_name(home.authority)}, so it is not "
            "told from here. Tell it by telephone and letter today"
        ) from None
