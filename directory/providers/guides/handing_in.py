"""A children's guide, handed in by a provider's staff where the home stands on another node: there
it is accepted in the place of what is kept, and given to children by links of its own.
"""

from directory.providers.guides.errors import NotReady
from directory.providers.guides.pictures import open_picture, pictures_of
from directory.providers.guides.topics import TOPICS
from directory.providers.guides.writing import Guide, Person, read_guide, require_whole
from directory.providers.handins.sending import hand_in_files
from directory.providers.statements.desks import desk_of
from directory.providers.vouching.running import home_run
from directory.security.rights.principal import Principal
from federation import Node, writing
from protocols.attachments import MediaType
from protocols.errors import Malformed
from protocols.handins import GuideContact, GuideHandIn, GuideTopic

_JPEG: MediaType = "image/jpeg"


def hand_in_guide(node: Node, who: Principal, claim: str) -> None:
    """Hand in the guide of a home as it is written now. Raises NotAllowed, NotTaken, NotReachable;
    NotReady while it lacks what it must say, or where its pictures are too large.
    """
    try:
        with writing(node.node_db) as connection:
            home = home_run(connection, node, who, claim)
            desk = desk_of(home)
            written = read_guide(connection, node, desk.urn, desk.authority)
            said = written.guide if written else Guide()
            require_whole(said)
            shown = pictures_of(connection, node, desk)
            found = [open_picture(connection, node, desk, one.id) for one in shown]
            files = [(_JPEG, data) for data in found if data]
            alts = tuple(one.alt for one, data in zip(shown, found, strict=True) if data)
            body = GuideHandIn(
                claim,
                who.name[:200],
                tuple(
                    GuideTopic(one.name, said.texts[one.name])
                    for one in TOPICS
                    if one.name in said.texts
                ),
                complaints=_contact(said.complaints),
                advocacy=_contact(said.advocacy),
                pictures=alts,
            )
            hand_in_files(connection, node, who, home, "guide", body, files)
    except Malformed as error:
        raise NotReady(
            "The guide cannot be sent: its pictures are too large together. Remove one"
        ) from error


def _contact(one: Person | None) -> GuideContact | None:
    return GuideContact(one.name, one.telephone) if one else None
