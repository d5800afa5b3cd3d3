"""A children's guide as it is written: in plain words, sealed at rest, in no log and no record.

It is read by whoever has a link, so it leads to no door and names no child.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from directory.providers.guides.errors import NotReady
from directory.providers.guides.models import guide
from directory.providers.guides.topics import TOPICS
from directory.providers.statements.desks import Desk, require_at
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.vault.service import Vault
from federation import Node, upsert
from protocols.handins import Topic as Name

TABLE = "guide"
LONGEST_SENTENCE = 20  # words


class Person(Struct, frozen=True):
    """Somebody whom a child may call."""

    name: str
    telephone: str


class Guide(Struct, frozen=True):
    """What a guide says, by topic, and whom a child calls to complain and for an advocate."""

    texts: dict[Name, str] = {}
    complaints: Person | None = None
    advocacy: Person | None = None


_GUIDE = msgspec.json.Decoder(Guide)


@dataclass(frozen=True, slots=True)
class Written:
    """A guide, and who changed it last."""

    guide: Guide
    changed_at: datetime
    changed_by: str


def read_guide(connection: Connection, node: Node, urn: str, authority: str) -> Written | None:
    """The guide of a home, as far as it is written here. Whoever asks has been asked who they are,
    or has a link.
    """
    row = connection.execute(
        select(guide).where(guide.c.urn == urn, guide.c.authority == authority)
    ).one_or_none()
    if row is None:
        return None
    body = Vault(connection, node).open(TABLE, "body", record_of(urn, authority), row.body)
    return Written(_GUIDE.decode(body), row.changed_at, row.changed_by)


def save_guide(connection: Connection, node: Node, who: Principal, desk: Desk, said: Guide) -> None:
    """Keep what a guide says, in the place of what it said. Raises NotAllowed."""
    audited = require_at(connection, node, who, desk)
    sealed = Vault(connection, node).seal(
        TABLE, "body", record_of(desk.urn, desk.authority), msgspec.json.encode(said)
    )
    statement = upsert(connection, guide).values(
        urn=desk.urn,
        authority=desk.authority,
        body=sealed,
        changed_at=node.now(),
        changed_by=who.name[:200],
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["urn", "authority"],
            set_={one: statement.excluded[one] for one in ("body", "changed_at", "changed_by")},
        )
    )
    note_guide(connection, node, who, audited, desk.urn, "write")


def missing(said: Guide | None) -> list[str]:
    """What every child has to be told and this guide does not, by its headings."""
    said = said or Guide()
    lacking = [one.heading for one in TOPICS if one.required and one.name not in said.texts]
    lacking += ["Whom to call to complain"] if said.complaints is None else []
    return lacking + (["Whom to call for an advocate"] if said.advocacy is None else [])


def require_whole(said: Guide | None) -> None:
    """Raise NotReady unless a child may be given this guide."""
    if lacking := missing(said):
        raise NotReady(f"Write first: {'; '.join(lacking)}")


def long_sentences(texts: Mapping[Name, str]) -> list[tuple[str, str]]:
    """Sentences that are long for a child, by the headings under which they stand."""
    return [
        (one.heading, sentence)
        for one in TOPICS
        for sentence in re.split(r"(?<=[.!?])\s+|\n+", texts.get(one.name, ""))
        if len(sentence.split()) > LONGEST_SENTENCE
    ]


def record_of(urn: str, authority: str) -> str:
    """What the vault knows a guide by."""
    return f"{authority}/{urn}"


def note_guide(
    connection: Connection, node: Node, who: Principal, authority: str, urn: str, what: str
) -> None:
    """Put a change of a guide into the audit."""
    note(
        connection,
        node,
        who,
        f"{what} a children's guide",
        authority=authority,
        record=f"home/{urn}",
    )
