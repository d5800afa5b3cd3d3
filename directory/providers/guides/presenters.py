"""A children's guide as a child reads it, and as its writer changes it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from directory.providers.guides.pictures import Picture, pictures_of
from directory.providers.guides.topics import HELPLINES, TOPICS, Helpline
from directory.providers.guides.writing import Guide, read_guide
from directory.providers.statements.desks import Desk
from federation import Node

_CALLS = {"complaints": "To complain", "advocacy": "An advocate"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A guide: each topic's name, heading and paragraphs; the pictures; and whom to call."""

    topics: list[tuple[str, str, list[str]]]
    pictures: list[Picture]
    calls: list[Helpline]


def shown(connection: Connection, node: Node, desk: Desk) -> Shown:
    """The guide of a home, as it is written now."""
    written = read_guide(connection, node, desk.urn, desk.authority)
    said = written.guide if written else Guide()
    own = [
        Helpline(one.name, _CALLS[about], one.telephone)
        for about, one in (("complaints", said.complaints), ("advocacy", said.advocacy))
        if one
    ]
    return Shown(
        [
            (one.name, one.heading, [line for line in said.texts[one.name].split("\n") if line])
            for one in TOPICS
            if one.name in said.texts
        ],
        pictures_of(connection, node, desk),
        [*own, *HELPLINES],
    )


def typed_of(said: Guide | None) -> dict[str, str]:
    """What stands in the fields of the form."""
    said = said or Guide()
    typed: dict[str, str] = {one.name: said.texts.get(one.name, "") for one in TOPICS}
    for about, one in (("complaints", said.complaints), ("advocacy", said.advocacy)):
        typed[f"{about}_name"] = one.name if one else ""
        typed[f"{about}_telephone"] = one.telephone if one else ""
    return typed
