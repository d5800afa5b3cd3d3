"""A claim on its way to the authority where the home stands, and how far it has come."""

from collections.abc import Collection

from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.providers.vouching.claims import take_claim
from directory.providers.vouching.errors import NotReachable
from directory.providers.vouching.register import KnownHome
from directory.providers.vouching.staff import Workplace
from federation import DEAD, Dispatch, Node, NoSuchMember, dispatches, queue
from protocols.providers import HomeClaim, encode_provider_body


def send_claim(
    connection: Connection,
    node: Node,
    workplace: Workplace,
    home: KnownHome,
    *,
    claim: str,
    asked_by: str,
) -> None:
    """Lay a claim before the authority where the home stands: at once where this node serves it, or
    else by a sealed message. Raises NotReachable.
    """
    if home.authority in node.member.area:
        take_claim(
            connection,
            node,
            claim=claim,
            through=workplace.through,
            authority=home.authority,
            provider=workplace.provider,
            urn=home.urn,
            asked_by=asked_by,
        )
        return
    body = encode_provider_body(HomeClaim(home.urn, workplace.provider, asked_by))
    try:
        queue(
            connection,
            node,
            sender=workplace.through,
            recipient=home.authority,
            body=body,
            message=claim,
        )
    except NoSuchMember:
        raise NotReachable(
            f"No member of the charter speaks for {authority_name(home.authority)}, where "
            f"{home.urn} stands, so nobody can be asked"
        ) from None


def lost(connection: Connection, claim: str) -> bool:
    """Whether a claim was refused before anybody read it, or has waited in vain."""
    found = dispatches(connection, [claim]).get(claim)
    return found is not None and found.state in DEAD


def on_the_way(connection: Connection, claims: Collection[str]) -> dict[str, Dispatch]:
    """Where the messages are by which claims were made, by claim; without what went nowhere."""
    return dispatches(connection, claims)
