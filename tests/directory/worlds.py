"""A consortium in a folder: nodes that publish homes, and follow each other.

Nothing is imitated but the network: every record goes through its node's signed log.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from msgspec.structs import replace

from directory.arriving import receive
from directory.homes.projection import project
from directory.records.publishing.service import PROFILE_SOURCE, reference_of
from federation import (
    Node,
    OwnLog,
    adopt_charter,
    adopt_successor,
    follow,
    found_charter,
    initialise,
    new_charter_key,
    open_node,
    sequence,
    stage,
    writing,
)
from protocols.charter import sign_charter
from protocols.commissioning import Commissioning, Office
from protocols.diligence import Check
from protocols.kinds import Source
from protocols.note import NoteSigner
from protocols.profiles import Answer, Profile
from protocols.records import Description, Home, Judgement, encode_record
from protocols.statements import Section, Statement
from tests.databases import Databases

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
KENT, LEEDS, LEWISHAM = "E10000016", "E08000035", "E09000023"
MEDWAY = "E06000035"
NAMES = {KENT: "Kent", LEEDS: "Leeds", LEWISHAM: "Lewisham"}
NODES = {"kent-node": KENT, "leeds-node": LEEDS, "lewisham-node": LEWISHAM}


@dataclass(frozen=True)
class Consortium:
    """Nodes that hold each other's logs as far as `follow_all` has gone."""

    nodes: dict[str, Node]
    signer: NoteSigner

    @property
    def reader(self) -> Node:
        """The node whose pages a test opens."""
        return self.nodes["kent-node"]

    def publish(self, author: str, homes: Sequence[Home | Profile]) -> None:
        """Publish homes and profiles in the author's log. Nobody follows yet."""
        node = self.nodes[author]
        with writing(node.node_db) as connection:
            stage(connection, node, ((reference_of(one), encode_record(one)) for one in homes))
        sequence(node)

    def say(self, author: str, record: Commissioning | Statement | Check) -> None:
        """Publish another kind of record in the author's log, and let the reader follow."""
        node = self.nodes[author]
        with writing(node.node_db) as connection:
            stage(connection, node, [(reference_of(record), encode_record(record))])
        sequence(node)
        self.follow_all(self.reader, [author])

    def follow_all(self, reader: Node, authors: Iterable[str] = NODES) -> None:
        """Let a node follow logs, in the order given."""
        for author in authors:
            node = self.nodes[author]
            follow(reader, node.member, OwnLog(node.node_db))

    def suspend(self, *names: str) -> None:
        """Every node adopts a charter by which these are suspended."""
        kept = self.reader.charters.latest
        members = tuple(
            replace(one, status="suspended", reason="By a vote.") if one.node in names else one
            for one in kept.charter.members
        )
        number = kept.charter.version + 1
        after = replace(kept.charter, version=number, previous=kept.digest, members=members)
        note = sign_charter(after, [self.signer])
        for node in self.nodes.values():
            adopt_successor(node, note)

    def close(self) -> None:
        for node in self.nodes.values():
            node.close()


@contextmanager
def consortium(
    folder: Path,
    published: Mapping[str, Sequence[Home | Profile]],
    database: Databases | None = None,
) -> Iterator[Consortium]:
    """Nodes with the logs of NODES; `published` is by node, and the reader has followed it all.

    With `database`, on such databases, migrated before; else on files of their own.
    """
    members = [
        initialise(folder / name, name, f"http://127.0.0.1:9/{name}", {gss: NAMES[gss]})
        for name, gss in NODES.items()
    ]
    key = new_charter_key("tests/charter")
    charter = found_charter("Test consortium", members, {}, [key], NOW)
    one = Consortium(
        {member.node: _open(folder / member.node, charter, database) for member in members}, key
    )
    try:
        for name in NODES:
            one.publish(name, published.get(name, ()))
        one.follow_all(one.reader)
        yield one
    finally:
        one.close()


@contextmanager
def two_served(
    folder: Path,
    now: Callable[[], datetime] = lambda: NOW,
    database: Databases | None = None,
) -> Iterator[Node]:
    """A node that serves two authorities, Kent and Medway."""
    with serving(folder, {KENT: "Kent", MEDWAY: "Medway"}, now, database) as node:
        yield node


@contextmanager
def serving(
    folder: Path,
    served: dict[str, str],
    now: Callable[[], datetime] = lambda: NOW,
    database: Databases | None = None,
) -> Iterator[Node]:
    """The only node of a consortium, with the authorities that it serves."""
    member = initialise(folder / "both", "both", "http://127.0.0.1:9/both", served)
    charter = found_charter("Both", [member], {}, [new_charter_key("tests")], now())
    node = _open(folder / "both", charter, database, now)
    try:
        yield node
    finally:
        node.close()


def _open(
    folder: Path,
    charter: bytes,
    database: Databases | None,
    now: Callable[[], datetime] = lambda: NOW,
) -> Node:
    adopt_charter(folder, charter, now())
    (database or Databases("sqlite")).settle(folder)
    return open_node(folder, project, receive, now=now)


def a_home(urn: str, **known: object) -> Home:
    """A home in Kent of which only what a record needs is known, and what the test says."""
    facts: dict[str, object] = {
        "urn": urn,
        "authority": KENT,
        "provision": "Children's home",
        "sector": "Private",
        "status": "Active",
        "registered_on": date(2019, 6, 3),
        "source": Source("Ofsted's list", date(2025, 3, 31)),
    }
    return Home(**{**facts, **known})  # type: ignore[arg-type]


def wants(authority: str, **known: object) -> Commissioning:
    """As little as an authority can say of what it wants, and what the test says."""
    facts: dict[str, object] = {
        "authority": authority,
        "as_at": date(2026, 11, 2),
        "referrals": Office("Placements team", "placements@council.example"),
        "notices": Office("Duty desk", "notices@council.example", "01632 960200"),
    }
    return Commissioning(**{**facts, **known})  # type: ignore[arg-type]


def says(urn: str, authority: str = KENT, **answers: str) -> Profile:
    """A profile with answers to codes, an underscore for each hyphen."""
    return Profile(
        urn,
        authority,
        Source(PROFILE_SOURCE, date(2026, 11, 1)),
        answers=tuple(
            Answer(code.replace("_", "-"), met)  # type: ignore[arg-type]
            for code, met in answers.items()
        ),
    )


def a_statement(urn: str, texts: Mapping[str, str], **known: object) -> Statement:
    """The statement of purpose of a home in Kent, with these texts by matter."""
    facts: dict[str, object] = {
        "urn": urn,
        "authority": KENT,
        "revised_on": date(2026, 11, 2),
        "reviewed_on": date(2026, 11, 2),
        "sections": tuple(Section(matter, text) for matter, text in texts.items()),  # type: ignore[arg-type]
    }
    return Statement(**{**facts, **known})  # type: ignore[arg-type]


def judged(overall: str, on: date = date(2026, 3, 3), **parts: str) -> Judgement:
    return Judgement(on, overall, **parts)  # type: ignore[arg-type]


def described(summary: str, *needs: str, sex: str = "any") -> Description:
    return Description(summary, needs or ("mainstream",), 10, 16, sex)  # type: ignore[arg-type]
