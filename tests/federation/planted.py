"""Words that stand nowhere else, in every text of a record, and looking for them in files."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from federation import Node, OwnLog, follow, sequence, stage, writing
from protocols.records import Description
from tests.federation.worlds import World, home_record

LETTERS = "bcdfghjklmpqrvwxz"


def planted(seed: str) -> str:
    """A word that stands nowhere else, and that no index shortens."""
    return "".join(Random(seed).choices(LETTERS, k=14)).capitalize()


def words_of(urn: str, version: int) -> list[str]:
    return [planted(f"{urn}/{version}/{part}") for part in ("name", "provider", "summary")]


def a_version(urn: str, version: int) -> bytes:
    """A home whose every free text is planted."""
    name, provider, said = words_of(urn, version)
    summary = f"{said} house. " + "A quiet place to live. " * (1 + Random(said).randrange(40))
    return home_record(
        urn,
        name=name,
        provider=provider,
        description=Description(summary, ("autism",), 10, 16, "any"),
    )


def put(node: Node, *versions: tuple[str, int]) -> None:
    with writing(node.node_db) as connection:
        stage(connection, node, [(f"home/{urn}", a_version(urn, v)) for urn, v in versions])
    sequence(node)


def follow_own(node: Node) -> None:
    follow(node, node.member, OwnLog(node.node_db))


def files(world: World, name: str) -> Iterator[Path]:
    """Every file in which something of a node can lie."""
    folder = world[name].folder
    every = {path for path in folder.rglob("*") if path.is_file()}
    return iter(every | set(world.database.raw(folder)))


def left(world: World, words: Iterable[str], *names: str) -> dict[str, set[str]]:
    """In which nodes' files which of the words stand, in any spelling, without their beginnings:
    indexes leave those out where the word before has the same.
    """
    wanted = {word: word[3:].lower().encode() for word in words}
    found: dict[str, set[str]] = {}
    for name in names or world.nodes:
        for path in files(world, name):
            data = path.read_bytes().lower()
            found.setdefault(name, set()).update(w for w, end in wanted.items() if end in data)
    return {name: those for name, those in found.items() if those}


def sample(world: World, *names: str) -> None:
    """Let PostgreSQL's planner take its samples of what stands in the tables."""
    if world.database.kind == "postgresql":
        for name in names:
            for engine in (world[name].node_db, world[name].replica):
                with engine.begin() as connection:
                    connection.exec_driver_sql("ANALYZE")
