"""Pictures of the inside of a home: drawn anew, few, small, each said in words, sealed at rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from directory.intake.apart.running import Fell, run_apart
from directory.providers.guides.errors import TooManyPictures, UnfitPicture
from directory.providers.guides.models import guide_picture
from directory.providers.guides.redrawer import LONGEST_ANSWER, MOST_PIXELS, SMALLEST
from directory.providers.guides.writing import note_guide
from directory.providers.statements.desks import Desk, require_at
from directory.security.rights.principal import Principal
from directory.security.vault.service import Vault
from federation import Node, hold, writing
from protocols.handins import MAX_PICTURES

MOST_PICTURES = MAX_PICTURES
LARGEST = 12 * 1024 * 1024  # bytes, as it is sent
TABLE = "guide_picture"
_REDRAWER = "directory.providers.guides.redrawer"
_JPEG = b"\xff\xd8\xff"
_WHY = {
    b"pixels": f"The picture has more than {MOST_PIXELS // 1_000_000} million pixels. Make it "
    "smaller, and choose it again",
    b"small": f"The picture is too small to be seen: it needs {SMALLEST} pixels on each side",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture without itself: its id, and what it shows in words."""

    id: str
    alt: str


def redrawn(data: bytes) -> bytes:
    """A picture as JPEG, with nothing of its file but what is seen. Raises UnfitPicture."""
    if len(data) > LARGEST:
        raise UnfitPicture(
            f"The picture is larger than {LARGEST // 1024**2} MB. Make it smaller, and choose it "
            "again"
        )
    try:
        drawn = run_apart(_REDRAWER, data, LONGEST_ANSWER)
    except Fell:
        drawn = b""
    if not drawn.startswith(_JPEG):
        wrong = "The file is no picture that can be shown. Choose a JPEG, PNG or WebP"
        raise UnfitPicture(_WHY.get(drawn, wrong))
    return drawn


def add_picture(node: Node, who: Principal, desk: Desk, data: bytes, alt: str) -> None:
    """Add a picture to a guide. Raises NotAllowed, UnfitPicture, TooManyPictures."""
    drawn = redrawn(data)  # before the transaction: it may take a while
    with writing(node.node_db) as connection:
        audited = require_at(connection, node, who, desk)
        hold(connection, "pictures of guides")
        held = select(func.count(), func.max(guide_picture.c.place)).where(_of(desk))
        count, last = connection.execute(held).one()
        if count >= MOST_PICTURES:
            raise TooManyPictures(f"A guide has {MOST_PICTURES} pictures at most. Remove one first")
        _insert(connection, node, desk, (last or 0) + 1, drawn, alt)
        note_guide(connection, node, who, audited, desk.urn, "add a picture to")


def replace_pictures(
    connection: Connection, node: Node, desk: Desk, drawn: Sequence[tuple[bytes, str]]
) -> None:
    """Put pictures that are `redrawn`, with what each shows, in the place of all of a guide."""
    gone = connection.scalars(
        delete(guide_picture).where(_of(desk)).returning(guide_picture.c.id)
    ).all()
    Vault(connection, node).destroy(TABLE, gone)
    for place, (picture, alt) in enumerate(drawn, 1):
        _insert(connection, node, desk, place, picture, alt)


def remove_picture(
    connection: Connection, node: Node, who: Principal, desk: Desk, picture: str
) -> None:
    """Destroy a picture. Raises NotAllowed."""
    audited = require_at(connection, node, who, desk)
    gone = connection.execute(delete(guide_picture).where(_of(desk), guide_picture.c.id == picture))
    if gone.rowcount:
        Vault(connection, node).destroy(TABLE, [picture])
        note_guide(connection, node, who, audited, desk.urn, "remove a picture from")


def pictures_of(connection: Connection, node: Node, desk: Desk) -> list[Picture]:
    """The pictures of a guide, in order."""
    rows = connection.execute(
        select(guide_picture.c.id, guide_picture.c.alt)
        .where(_of(desk))
        .order_by(guide_picture.c.place)
    ).all()
    said = Vault(connection, node).open_all(TABLE, "alt", {row.id: row.alt for row in rows})
    return [Picture(row.id, said[row.id].decode()) for row in rows if row.id in said]


def open_picture(connection: Connection, node: Node, desk: Desk, picture: str) -> bytes | None:
    """A picture of this guide, as JPEG; None where it has no such picture."""
    sealed = connection.scalar(
        select(guide_picture.c.picture).where(_of(desk), guide_picture.c.id == picture)
    )
    return Vault(connection, node).open(TABLE, "picture", picture, sealed) if sealed else None


def _insert(
    connection: Connection, node: Node, desk: Desk, place: int, drawn: bytes, alt: str
) -> None:
    made, vault = token_hex(16), Vault(connection, node)
    connection.execute(
        insert(guide_picture).values(
            id=made,
            urn=desk.urn,
            authority=desk.authority,
            place=place,
            picture=vault.seal(TABLE, "picture", made, drawn),
            alt=vault.seal(TABLE, "alt", made, alt.encode()),
        )
    )


def _of(desk: Desk) -> ColumnElement[bool]:
    return (guide_picture.c.urn == desk.urn) & (guide_picture.c.authority == desk.authority)
