"""The full document of a home, handed in by its provider's staff to the authority where it stands.

It is clean before it leaves, and nothing of it is kept here.
"""

from directory.providers.documents.cleaning import cleaned
from directory.providers.handins.sending import hand_in_files
from directory.providers.vouching.running import home_run
from directory.security.rights.principal import Principal
from federation import Node, writing
from protocols.handins import DocumentHandIn


def hand_in_document(node: Node, who: Principal, claim: str, data: bytes) -> None:
    """Hand in a file. Raises NotAllowed, Unfit, NotTaken, NotReachable."""
    kind, clean = cleaned(data)  # before the transaction: it may take half a minute
    with writing(node.node_db) as connection:
        home = home_run(connection, node, who, claim)
        body = DocumentHandIn(claim, who.name[:200], "statement-of-purpose")
        hand_in_files(connection, node, who, home, "document", body, [(kind, clean)])
