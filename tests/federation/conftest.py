"""Worlds that close at the end of a test, and patience without sleeping."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.databases import Databases, Kind, databases
from tests.federation import worlds
from tests.federation.worlds import World


@pytest.fixture
def found(tmp_path: Path, database: Databases) -> Iterator[Callable[..., World]]:
    """`worlds.found` in this test's own folder, on the database that it runs on."""
    with ExitStack() as stack:
        yield lambda *names, **how: stack.enter_context(
            worlds.found(tmp_path, *names, database=database, **how)
        )


@pytest.fixture(scope="module")
def found_once(
    tmp_path_factory: pytest.TempPathFactory, database_kind: Kind
) -> Iterator[Callable[..., World]]:
    """The same, for a world that the tests of a module share, and leave as it is."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("shared")
        database = stack.enter_context(databases(database_kind))
        yield lambda *names, **how: stack.enter_context(
            worlds.found(folder, *names, database=database, **how)
        )


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent and Leeds, each served."""
    return found("kent", "leeds")
