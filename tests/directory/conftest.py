"""Somebody signed in to a node that knows homes, and to one that knows none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from directory.app import create_app
from directory.security.rights.roles import Role
from federation import writing
from tests.directory.people import signed_in
from tests.directory.visiting import HOMES, HOSTILE
from tests.directory.worlds import consortium


@pytest.fixture(scope="package")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with consortium(tmp_path_factory.mktemp("consortium"), HOMES) as one:
        with writing(one.reader.replica) as connection:
            connection.execute(
                text("UPDATE log SET trouble = :trouble WHERE node = 'kent-node'"),
                {"trouble": HOSTILE},
            )
        yield create_app(one.reader)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return signed_in(app, Role.COMMISSIONER)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[FlaskClient]:
    with consortium(tmp_path, {}) as one:
        yield signed_in(create_app(one.reader), Role.COMMISSIONER)
