"""Worlds that close at the end of a test, and patience without sleeping."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.federation import worlds
from tests.federation.worlds import World


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """`worlds.found` in this test's own folder."""
    with ExitStack() as stack:
        yield lambda *names, **how: stack.enter_context(worlds.found(tmp_path, *names, **how))


@pytest.fixture(scope="module")
def found_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., World]]:
    """The same, for a world that the tests of a module share, and leave as it is."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("shared")
        yield lambda *names, **how: stack.enter_context(worlds.found(folder, *names, **how))


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent and Leeds, each served."""
    return found("kent", "leeds")
