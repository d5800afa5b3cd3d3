"""A node that knows homes, and systems of its authority that ask its API."""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec
import pytest
from flask import Flask
from sqlalchemy import update

from directory.api.examples import CONTACT, NOTICE_TO_SEND
from directory.app import create_app
from directory.arriving import receive
from directory.notices.sent import send_notice
from directory.security.rights.principal import operator
from directory.security.rights.roles import Scope
from directory.security.systems.models import system
from directory.security.systems.service import register
from federation import writing
from protocols.messages import Message
from protocols.notices import Acknowledgement, Body, Contact, Notice, encode_body
from tests.api.systems import SystemClient
from tests.databases import Kind, databases
from tests.directory.visiting import HOMES
from tests.directory.worlds import KENT, LEEDS, Consortium, consortium

ACORN = "Acorn Care Ltd"
A_NOTICE = msgspec.convert(NOTICE_TO_SEND["notice"], Notice)


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory, database_kind: Kind) -> Iterator[Consortium]:
    folder = tmp_path_factory.mktemp("consortium")
    with databases(database_kind) as made, consortium(folder, HOMES, made) as one:
        yield one


@pytest.fixture(scope="package")
def app(world: Consortium) -> Flask:
    return create_app(world.reader)


@pytest.fixture(scope="package")
def registered(world: Consortium) -> Callable[..., tuple[str, str]]:
    """Registers a system of Kent's; gives its id and secret."""

    def one(*scopes: Scope, authority: str = KENT) -> tuple[str, str]:
        with writing(world.reader.node_db) as connection:
            provider = ACORN if scopes == (Scope.PROVIDER_WORK,) else None
            made = register(
                connection,
                world.reader,
                operator("root"),
                authority=authority,
                name="Case system",
                scopes=scopes or tuple(set(Scope) - {Scope.PROVIDER_WORK}),
                provider=provider,
            )
            if not scopes:  # which nobody can register: one that tries every route
                every = {"scopes": " ".join(Scope), "provider": ACORN}
                connection.execute(update(system).where(system.c.id == made[0]).values(every))
            return made

    return one


@pytest.fixture(name="system")
def _system(app: Flask, registered: Callable[..., tuple[str, str]]) -> SystemClient:
    """A system of Kent's with a token for everything."""
    return SystemClient(app, *registered())


@pytest.fixture
def received(world: Consortium) -> str:
    """Id of a notice that came from Leeds to Kent."""
    node, message = world.reader, secrets.token_hex(16)
    with writing(node.node_db) as connection:
        receive(connection, node, _message(node.now(), message, A_NOTICE), node.now())
    return message


@pytest.fixture
def sent(world: Consortium) -> str:
    """Id of a notice that Kent sent to Leeds, and that was acknowledged there."""
    node = world.reader
    with writing(node.node_db) as connection:
        message = send_notice(
            connection, node, operator("root"), A_NOTICE, placing=KENT, area=LEEDS
        )
        body = Acknowledgement(message, msgspec.convert(CONTACT, Contact), node.now())
        receive(connection, node, _message(node.now(), secrets.token_hex(16), body), node.now())
    return message


def _message(now: datetime, message: str, body: Body) -> Message:
    life = timedelta(days=1)
    return Message(1, message, LEEDS, KENT, now, now + life, msgspec.Raw(encode_body(body)))
