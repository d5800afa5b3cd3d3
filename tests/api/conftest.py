"""A node that knows homes, and systems of its authority that ask its API."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from directory.app import create_app
from directory.rights.principal import operator
from directory.rights.roles import Scope
from directory.systems.service import register
from federation import writing
from tests.api.systems import SystemClient
from tests.directory.visiting import HOMES
from tests.directory.worlds import KENT, Consortium, consortium


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    with consortium(tmp_path_factory.mktemp("consortium"), HOMES) as one:
        yield one


@pytest.fixture(scope="package")
def app(world: Consortium) -> Flask:
    return create_app(world.reader)


@pytest.fixture(scope="package")
def registered(world: Consortium) -> Callable[..., tuple[str, str]]:
    """Registers a system of Kent's; gives its id and secret."""

    def one(*scopes: Scope, authority: str = KENT) -> tuple[str, str]:
        with writing(world.reader.node_db) as connection:
            return register(
                connection,
                operator("root"),
                authority=authority,
                name="Case system",
                scopes=scopes or tuple(Scope),
                now=world.reader.now(),
            )

    return one


@pytest.fixture
def system(app: Flask, registered: Callable[..., tuple[str, str]]) -> SystemClient:
    """A system of Kent's with a token for everything."""
    return SystemClient(app, *registered())
