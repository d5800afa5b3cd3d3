"""Neither the API nor the command line shows a child without a reason and a row of the audit.

Both are walked by what they are made of: the API by its routes and the table of rights, the
commands by what click knows. A new operation is tried without being named here; a new command that
is in none of the lists below fails.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any
from zipfile import ZipFile

import click
import msgspec
import pytest
from flask import Flask
from sqlalchemy import Row, func, insert, select
from werkzeug.test import TestResponse

from directory.access import TABLE
from directory.api.document import document
from directory.app import create_app
from directory.cli import main
from directory.placing.exporting.files import write_export
from directory.records.unredacted.models import unredacted
from directory.security.audit.models import audit_row
from directory.security.rights.principal import operator
from directory.security.rights.roles import Scope
from directory.security.rights.table import RIGHTS, Action
from directory.security.rights.table import Row as Right
from directory.security.systems.service import register
from directory.security.vault.service import Vault
from federation import Node, reading, writing
from protocols.publication import Publication
from tests.api.systems import SystemClient
from tests.directory.command_line import Ran, a_notice, hearth
from tests.directory.one_child import (
    AREA,
    BORN,
    HOME,
    NAMED,
    PLACING,
    WORDS,
    Held,
    hold_everything,
)
from tests.directory.test_access import SAMPLES
from tests.directory.test_reconciling import row, table
from tests.directory.worlds import two_served

WHY = "Because I am asked"
LOOKS: dict[str, tuple[str, ...]] = {
    "inbox": ("--show={notice}", "--authority=Medway"),
    "inbox ": ("--save={notice}", "--into={folder}", "--authority=Medway"),
    "follow-up": ("{notice}", "--show", "--authority=Kent"),
    "subject-access": ("{child}", "--authority=Kent"),
    "subject-access ": (
        *("{child}", "--authority=Kent"),
        *("--record=notice/{notice}", "--out={folder}/of-one.zip"),
    ),
    "reconcile ssda903": ("{episodes}", "--authority=Kent"),
    "where": (HOME, "--authority=Medway"),
}
"""Looks at what is said of a child, or of where children live: each is refused without --reason."""
WRITES: dict[str, tuple[str, ...]] = {
    "notify": ("-", "--from=Kent", "--to=Medway"),
    "inbox  ": (
        *("--acknowledge={notice}", "--authority=Medway"),
        *("--contact=A", "--telephone=01632 960999"),
    ),
    "hold set": ("notice/{notice}", "--authority=Kent", f"--reason={WHY}"),
    "erase": ("{entered}", "--authority=Medway", f"--reason={WHY}", "--yes"),
    "compliance tell": ("--authority=Kent",),
    "backup": ("{folder}/backup",),
    "audit list": ("--authority=Kent",),
}
"""What is done with records of children, and prints none: a row says who and with which."""
LISTS: dict[str, tuple[str, ...]] = {
    "inbox   ": ("--authority=Medway",),
    "outbox": (),
    "follow-up ": ("{notice}", "--authority=Kent"),
    "reconcile homes": ("--authority=Medway",),
    "compliance show": ("--authority=Kent",),
    "retention": ("--authority=Kent", "--destroy", "--yes"),
    "hold list": ("--authority=Kent",),
}
"""What lists such records by their ids, without a word about a child, and destroys what is due."""
ABOUT_NO_CHILD = frozenset(
    {
        *("demo", "bench"),  # whose children are made up, in folders of their own
        *("charter", "keys", "peers", "witness", "forks", "log-info", "reference", "conformance"),
        *("init", "run", "sync", "recover", "verify", "proof", "erased", "epoch"),  # of nodes, logs
        *("people", "systems", "audit verify"),  # of who works here
        *("import", "publish", "releases", "commissioning", "search", "codes", "history"),
        *("retire", "duty", "compliance publish"),  # of homes, and what authorities publish
        "evidence",  # digests and receipts; its row is asked for in test_evidence.py
        *("hold lift", "returned-mail"),  # says the number of a hold, or whether it knew an email
        "restore",  # prints counts: the records stay sealed, and the audit comes back with them
    }
)


@dataclass(frozen=True)
class World:
    node: Node
    app: Flask
    held: Held

    def rows_since(self, seq: int) -> list[Row[*tuple[Any, ...]]]:
        with reading(self.node.node_db) as connection:
            return list(connection.execute(select(audit_row).where(audit_row.c.seq > seq)))

    def last_row(self) -> int:
        with reading(self.node.node_db) as connection:
            return connection.scalar(select(func.max(audit_row.c.seq))) or 0


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with two_served(tmp_path_factory.mktemp("node")) as node:
        held = hold_everything(node)
        with writing(node.node_db) as connection:
            facts = msgspec.json.encode({"Address": "1 Crooked Billet"})
            sealed = Vault(connection, node).seal("unredacted", "facts", HOME, facts)
            connection.execute(
                insert(unredacted).values(
                    urn=HOME, provider_type="Home", facts=sealed, imported_at=node.now()
                )
            )
        yield World(node, create_app(node), held)


# --- The command line -----------------------------------------------------------------------------


def commands(one: click.Command, context: click.Context, path: str = "") -> Iterator[str]:
    """Every command that can be called, by its words."""
    if not isinstance(one, click.Group):
        yield path
        return
    for name in one.list_commands(context):
        found = one.get_command(context, name)
        assert found, name
        yield from commands(found, context, f"{path} {name}".strip())


def test_every_command_is_known_to_show_a_child_or_not_to() -> None:
    walked = {one.strip() for one in (*LOOKS, *WRITES, *LISTS)}
    every = set(commands(main, click.Context(main)))
    quiet = {one for one in every if one in ABOUT_NO_CHILD or one.split()[0] in ABOUT_NO_CHILD}
    assert every - quiet - walked == set(), "is it about a child? Name it in one of the lists"
    assert not quiet & walked
    assert walked < every


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("asked")
    asked = {"given_name": NAMED[0], "family_name": NAMED[1], "born_on": BORN.isoformat()}
    (made / "child").write_bytes(msgspec.json.encode(asked))
    (made / "episodes").write_bytes(table(row("K-1")).read())
    return made


def call(world: World, folder: Path, name: str, options: tuple[str, ...], *more: str) -> Ran:
    known = {"notice": world.held.notice, "entered": world.held.entered, "folder": folder}
    known |= {"child": folder / "child", "episodes": folder / "episodes"}
    stdin = a_notice() if name == "notify" else None
    place = f"--data-dir={world.node.folder}"
    said = [one.format(**known) for one in options]
    return hearth(*name.split(), *said, *more, place, stdin=stdin)


def noted(world: World, since: int) -> list[Row[*tuple[Any, ...]]]:
    rows = [one for one in world.rows_since(since) if one.who.startswith("operator:")]
    assert all(one.who_name for one in rows)
    return rows


@pytest.mark.parametrize("name", LOOKS)
def test_a_command_that_looks_is_refused_without_a_reason_and_noted_with_one(
    world: World, folder: Path, name: str
) -> None:
    before, files = world.last_row(), set(folder.iterdir())
    bare = call(world, folder, name, LOOKS[name])
    assert bare.status == 1
    assert "say why" in bare.err
    assert not told(bare.out + bare.err)
    assert (noted(world, before), set(folder.iterdir())) == ([], files)
    shown = call(world, folder, name, LOOKS[name], f"--reason={WHY}")
    assert shown.status == 0, shown.err
    rows = noted(world, before)
    assert rows
    for one in rows:
        assert one.action in set(Action)
        assert one.authority in (PLACING, AREA)
        assert one.record
        assert one.reason is not None
    said = shown.out + "".join(
        str([archive.read(one) for one in archive.namelist()])
        for path in sorted(set(folder.iterdir()) - files)
        for archive in [ZipFile(path)]
    )
    if name in ("inbox", "follow-up", "subject-access "):
        assert told(said), "the walk does not get to the child"


@pytest.mark.parametrize("name", [*LISTS, *WRITES])
def test_no_other_command_tells_of_a_child_and_what_it_does_is_noted(
    world: World, folder: Path, name: str
) -> None:
    before = world.last_row()
    done = call(world, folder, name, (LISTS | WRITES)[name])
    assert done.status == 0, done.err
    assert not told(done.out + done.err)
    if name in WRITES:
        assert noted(world, before), "nobody can tell who did it"


def test_the_file_for_the_case_system_is_noted_each_time(world: World, tmp_path: Path) -> None:
    before = world.last_row()
    path = write_export(world.node, operator("both"), PLACING, tmp_path)
    assert NAMED[2] in path.read_text("utf-8-sig")
    (one,) = world.rows_since(before)
    assert (one.action, one.authority, one.record, one.detail) == (
        *(str(Action.READ_PLACEMENTS), PLACING),
        *("register", "exported"),
    )
    assert one.reason is not None


# --- The API --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def systems(world: World) -> dict[str, SystemClient]:
    """One of each authority, with every scope, that has its token."""
    made = {}
    for gss in (PLACING, AREA):
        with writing(world.node.node_db) as connection:
            scopes = tuple(set(Scope) - {Scope.PROVIDER_WORK})
            named = {"authority": gss, "name": "Case system", "scopes": scopes}
            client = register(connection, world.node, operator("root"), **named)  # type: ignore[arg-type]
        made[gss] = SystemClient(world.app, *client)
        assert made[gss].bearer
    return made


def operations(world: World) -> Iterator[tuple[str, Action, str, str, str, Any]]:
    """Every operation: endpoint, action, method, whose token, path and the example of its body."""
    described = {
        (method.upper(), path): one
        for path, every in document()["paths"].items()
        for method, one in every.items()
    }
    held = world.held
    known = {"notice": held.notice, "placement": held.placement, "question": held.question}
    for rule in world.app.url_map.iter_rules():
        action = TABLE[rule.endpoint]
        if not rule.endpoint.startswith("api.") or rule.endpoint == "api.token":
            continue
        assert isinstance(action, Action)
        for gss in (PLACING, AREA):
            named = {name: known.get(name, SAMPLES.get(name, "")) for name in rule.arguments}
            if "authority" in named:
                named["authority"] = gss
            with world.app.test_request_context():
                path = world.app.url_for(rule.endpoint, **named).removeprefix("/api/v1")
            for method in sorted({"GET", "POST", "DELETE"} & (rule.methods or set())):
                pattern = re.sub("<([a-z]+)>", r"{\1}", rule.rule)
                body = described[method, pattern].get("requestBody", {}).get("content", {})
                example = body.get("application/json", {}).get("example")
                yield rule.endpoint, action, method, gss, path, example


def test_every_action_that_shows_a_child_to_a_system_is_audited_with_a_reason() -> None:
    """The scopes of the table: of an action that shows a child, a system gives a reason."""
    for action, right in RIGHTS.items():
        if right.shows is Publication.CHILD and any(
            isinstance(one, Scope) for one in right.holders
        ):
            assert right.audited, action
            assert right.reason, action


def test_no_operation_tells_of_a_child_without_a_reason_and_a_row(
    world: World, systems: dict[str, SystemClient]
) -> None:
    reached, looks = set[str](), set[str]()
    for endpoint, action, method, gss, path, example in operations(world):
        right, system = RIGHTS[action], systems[gss]
        if right.shows is Publication.CHILD:
            looks.add(endpoint)
            assert method == "GET"
            before = world.last_row()
            bare = system.get(path)
            assert bare.status_code in (400, 422), f"{path}: shown without a reason"
            assert not told(bare.text)
            assert world.last_row() == before
        headers = {"Reason": WHY, "Idempotency-Key": token_hex(8)}
        before = world.last_row()
        shown: TestResponse = system._open(
            method, path, {"headers": headers} | ({"json": example} if example else {})
        )
        assert shown.status_code < 500, f"{method} {path}"
        rows = [one for one in world.rows_since(before) if one.who == f"system:{system.client}"]
        if told(shown.text):
            assert right.shows is Publication.CHILD, f"{method} {path} says {told(shown.text)}"
            reached.add(endpoint)
        if is_noted(right, method) and shown.status_code < 300 and any(shown.get_json().values()):
            assert rows, f"{method} {path}: no row"
            for one in rows:
                assert (one.action, one.authority) == (str(action), gss), path
                assert (one.reason is not None) is right.reason, path
                assert one.who_name == "Case system"
            if right.reason:
                assert all(one.record for one in rows), f"{path}: does not say which record"
    assert reached == looks, "an operation that the walk does not get to the child by"
    assert len(looks) > 4


def is_noted(right: Right, method: str) -> bool:
    """What shows no more than the authority's business is audited where it changes something."""
    looked_at = right.shows in (Publication.CHILD, Publication.CONFIDENTIAL)
    return right.audited and (looked_at or method != "GET")


def told(text: str) -> list[str]:
    return [word for word in WORDS if word in text]
