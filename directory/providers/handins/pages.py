"""What the pages of one home share that are for the staff of the provider that runs it."""

from collections.abc import Collection

from flask import abort, g
from sqlalchemy import Connection

from directory.providers.handins.own import KINDS, drafts_begun, hand_ins_of, messages_of
from directory.providers.handins.presenters import Standing, standing
from directory.providers.vouching.register import known_homes
from directory.providers.vouching.running import RunHome, home_run
from directory.security.rights.errors import NotAllowed
from federation import Node, reading


def own_home(node: Node, claim: str) -> tuple[RunHome, str | None]:
    """A home that who asks runs, and its name; 404 where they do not run it."""
    with reading(node.node_db) as connection, reading(node.replica) as replica:
        try:
            home = home_run(connection, node, g.who, claim)
        except NotAllowed:
            abort(404)
        known = known_homes(replica, [home.urn]).get(home.urn)
    return home, known.name if known else None


def standings(
    connection: Connection,
    node: Node,
    homes: Collection[RunHome],
    kinds: Collection[str] = KINDS,
) -> dict[tuple[str, str], Standing]:
    """How it stands with what was written of homes, by claim and kind."""
    claims = [one.claim for one in homes]
    drafts, handed_in = drafts_begun(connection, claims), hand_ins_of(connection, node, claims)
    messages = messages_of(connection, [several[0] for several in handed_in.values()])
    found: dict[tuple[str, str], Standing] = {}
    for home in homes:
        for kind in kinds:
            mine = handed_in.get((home.claim, kind), [])
            found[home.claim, kind] = standing(
                kind,
                home.authority,
                drafts.get((home.claim, kind)),
                mine,
                messages,
            )
    return found
