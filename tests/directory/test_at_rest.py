"""What lies on the disk: a copied database names nobody, and neither does one that was upgraded."""

import base64
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select

import directory.database
from directory.nodes import opened
from directory.records.unredacted.models import unredacted
from directory.records.unredacted.service import unredacted_facts
from directory.security.people.second_factor import code_at
from directory.security.people.signing_in import Browser, confirm_set_up, set_up
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, open_database, reading, writing
from federation.database import KEPT
from tests.databases import databases
from tests.directory.command_line import (
    SECRETS,
    a_notice,
    at,
    deliver,
    hearth,
    make_consortium,
    succeed,
)
from tests.directory.people import make_person, session_for
from tests.directory.test_unredacted import HEADINGS, a_row
from tests.directory.workbooks import write_xlsx
from tests.encoded import in_base64
from tests.federation.worlds import KENT, found, true_time

REASON = "Xanthippe has gone missing"
CONTACT = "Dorothea Pumpernickel"
MANAGER, LANE = "Ermintrude Blackwater", "7 Nowhere Lane"
PLANTED = (*SECRETS, REASON, CONTACT, MANAGER, LANE, "Zedtown", "ZZ9 9ZZ")


def spellings(text: str) -> list[bytes]:
    """A text as it could stand in a file: plain, wide, or in base64 at any of three shifts."""
    found = [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")]
    for raw in list(found):
        found.append(raw.hex().encode())
        found += in_base64(raw)
    return [one for one in found if len(one) >= 4]


def named_in(*files: Path) -> list[tuple[str, str]]:
    """Which planted names stand in which files, in whatever spelling."""
    return [
        (file.name, name)
        for file in files
        for data in [file.read_bytes()]
        for name in PLANTED
        if any(one in data for one in spellings(name))
    ]


def files_of(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.name.startswith(("node.db", "replica.db")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Leeds has sent a notice to Kent, which looked at it, answered, and holds the unredacted list.

    Both nodes are still open, so that their write-ahead logs are there, too.
    """
    made = tmp_path_factory.mktemp("at-rest")
    make_consortium(made)
    listed = write_xlsx(
        made / "unredacted.xlsx",
        {"Providers": [[*HEADINGS, "Manager"], [*a_row(), MANAGER]]},
    )
    with (
        opened(made / "leeds") as leeds,
        opened(made / "kent") as kent,
        reading(leeds.node_db),
        reading(kent.node_db),
    ):
        notice = succeed(
            *("notify", "-", "--from", "Leeds", "--to", "Kent", at(made, "leeds")),
            stdin=a_notice(),
        )["message"]
        deliver(made, "leeds", "kent")
        show(made, notice)
        who = ("--contact", CONTACT, "--telephone", "01632 960199")
        succeed("inbox", "--acknowledge", notice, *who, at(made, "kent"))
        deliver(made, "kent", "leeds")
        succeed("import", "ofsted", listed, at(made, "kent"))
        succeed("where", "9000001", "--reason", REASON, at(made, "kent"))
        (made / "totp").write_bytes(second_factor_of_somebody(kent))
        (made / "notice").write_text(notice)
        yield made


def second_factor_of_somebody(node: Node) -> bytes:
    """The secret that somebody shares with their authenticator, set up and confirmed."""
    who = make_person(node, (Role.DUTY_OFFICER, KENT))
    secret = set_up(node, who).secret
    browser = Browser("127.0.0.1", "Firefox on Linux")
    confirm_set_up(node, session_for(node, who), who, code_at(secret, node.now()), browser)
    return secret


def show(folder: Path, notice: str) -> dict[str, object]:
    return succeed("inbox", "--show", notice, "--reason", REASON, at(folder, "kent"))


def test_the_search_finds_every_spelling(tmp_path: Path) -> None:
    for number, one in enumerate(spellings("Zebedee")):
        (tmp_path / str(number)).write_bytes(b"before" + one + b"after")
        assert named_in(tmp_path / str(number)) == [(str(number), "Zebedee")]
    for shift in range(9):
        path = tmp_path / "long"
        path.write_bytes(base64.b64encode(b"x" * shift + b"Zebedee and more"))
        assert named_in(path) == [("long", "Zebedee")]


@pytest.mark.parametrize("name", ["leeds", "kent"])
def test_a_copied_database_names_nobody_without_its_keys(
    folder: Path, tmp_path: Path, name: str
) -> None:
    for file in files_of(folder / name):
        shutil.copy(file, tmp_path)
    copied = files_of(tmp_path)
    secret = (folder / "totp").read_bytes()
    for spelt in (secret, secret.hex().encode(), base64.b32encode(secret)):
        assert not any(spelt in file.read_bytes() for file in copied)
    assert {"node.db", "node.db-wal", "replica.db"} <= {one.name for one in copied}
    assert named_in(*copied) == []


@pytest.mark.usefixtures("postgresql_tools")
def test_a_copied_postgresql_names_nobody_neither_its_files_nor_a_dump(tmp_path: Path) -> None:
    listed = write_xlsx(
        tmp_path / "unredacted.xlsx",
        {"Providers": [[*HEADINGS, "Manager"], [*a_row(), MANAGER]]},
    )
    with (
        databases("postgresql") as made,
        found(tmp_path, "kent", "leeds", database=made, clock=true_time),
    ):
        notice = succeed(
            *("notify", "-", "--from", "Leeds", "--to", "Kent", at(tmp_path, "leeds")),
            stdin=a_notice(),
        )["message"]
        deliver(tmp_path, "leeds", "kent")
        assert show(tmp_path, notice) == msgspec.json.decode(a_notice())
        who = ("--contact", CONTACT, "--telephone", "01632 960199")
        succeed("inbox", "--acknowledge", notice, *who, at(tmp_path, "kent"))
        deliver(tmp_path, "kent", "leeds")
        succeed("import", "ofsted", listed, at(tmp_path, "kent"))
        found_again = succeed("where", "9000001", "--reason", REASON, at(tmp_path, "kent"))
        assert found_again["facts"]["Manager"] == MANAGER
        for name in ("kent", "leeds"):
            dump = tmp_path / f"{name}.sql"
            address = (tmp_path / name / KEPT).read_text()
            subprocess.run(["pg_dump", f"--file={dump}", address], check=True)
            files = made.raw(tmp_path / name)
            held = b"".join(file.read_bytes() for file in [*files, dump])
            assert held.count(notice.encode()) > 2, "it is the node's database that is searched"
            assert named_in(*files, dump) == []


def test_no_key_stands_in_a_database(folder: Path) -> None:
    for name in ("leeds", "kent"):
        for file in (folder / name / "keys").iterdir():
            text = file.read_text("ascii").strip()
            keys = msgspec.json.decode(text).values() if text[0] == "{" else text.split()
            for key in (one for one in keys if len(one) == 43):
                raw = base64.urlsafe_b64decode(key + "=")
                for database in files_of(folder / name):
                    data = database.read_bytes()
                    assert raw not in data
                    assert key.encode() not in data


def test_with_its_keys_the_copy_opens(folder: Path, tmp_path: Path) -> None:
    notice = (folder / "notice").read_text()
    shutil.copytree(folder / "kent", tmp_path / "kent")
    assert show(tmp_path, notice) == msgspec.json.decode(a_notice())
    found = succeed("where", "9000001", "--reason", REASON, at(tmp_path, "kent"))
    assert found["facts"]["Manager"] == MANAGER
    listed = succeed("audit", "list", at(tmp_path, "kent"))["rows"]
    assert REASON in [row["reason"] for row in listed]
    (sent,) = succeed("outbox", at(folder, "leeds"))["messages"]
    assert sent["acknowledged_by"]["name"] == CONTACT


def test_without_its_keys_the_copy_says_which_file_is_missing(folder: Path, tmp_path: Path) -> None:
    notice = (folder / "notice").read_text()
    shutil.copytree(folder / "kent", tmp_path / "kent")
    (tmp_path / "kent" / "keys" / "epoch-1").unlink()
    ran = hearth("inbox", "--show", notice, "--reason", REASON, "--json", at(tmp_path, "kent"))
    assert "epoch-1 is missing" in ran.error


def test_an_erased_notice_opens_neither_here_nor_from_an_older_copy(
    folder: Path, tmp_path: Path
) -> None:
    notice = (folder / "notice").read_text()
    for name in ("kent", "older"):
        shutil.copytree(folder / "kent", tmp_path / name)
    asked = ("erase", notice, "--reason", "It was sent to us by mistake", at(tmp_path, "kent"))
    assert "Nothing was destroyed" in hearth(*asked, "--json").error
    assert show(tmp_path, notice)
    succeed(*asked, "--yes")
    look = ("inbox", "--show", notice, "--reason", REASON, "--json", at(tmp_path, "kent"))
    assert "was destroyed" in hearth(*look).error
    assert [one["id"] for one in succeed("inbox", at(tmp_path, "kent"))["notices"]] == [notice]
    for file in files_of(tmp_path / "older"):
        shutil.copy(file, tmp_path / "kent")
    assert "was destroyed" in hearth(*look).error
    assert succeed("audit", "verify", at(tmp_path, "kent"))["sound"]


def test_every_look_and_change_is_in_the_audit_with_who_and_why(folder: Path) -> None:
    rows = succeed("audit", "list", at(folder, "kent"))["rows"]
    actions = [row["action"] for row in reversed(rows)]
    assert actions[:4] == [
        "receive a notice",
        "read a notice that was received",
        "acknowledge a notice",
        "read Ofsted's unredacted list",
    ]
    came, look, *_ = reversed(rows)
    assert (came["who"], came["detail"]) == ("node:leeds", "from E08000035")
    assert look["who"].startswith("operator:")
    assert look["reason"] == REASON
    node = succeed("audit", "list", "--node", at(folder, "kent"))["rows"]
    assert "import the unredacted list" in [row["action"] for row in node]


# --- Upgrade from the first release ---------------------------------------------------------------


def as_released(folder: Path) -> None:
    """Databases of release 0.1.0, with a notice each way and the unredacted list in the clear."""
    engine = open_database(folder, "node")
    config = Config()
    migrations = Path(directory.database.__file__).parent / "migrations" / "node"
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
    engine.dispose()
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
    answer = msgspec.json.encode(
        {
            "schema": "acknowledgement/1",
            "notice": "a" * 32,
            "contact": {"name": CONTACT, "role": "Duty officer", "telephone": "01632 960199"},
            "acknowledged_at": "2026-11-20T09:30:00Z",
        }
    )
    body = msgspec.json.encode(msgspec.json.decode(a_notice(), type=dict))
    facts = msgspec.json.encode({"Manager": MANAGER, "Provider address line 1": LANE}).decode()
    with closing(sqlite3.connect(folder / "node.db")) as connection, connection:
        connection.execute(
            "INSERT INTO sent_notice VALUES (?, 'E10000016', 'E08000035', ?, ?, ?, ?)",
            ("a" * 32, body, now, answer, now),
        )
        connection.execute(
            "INSERT INTO sent_notice VALUES (?, 'E10000016', 'E08000035', ?, ?, NULL, NULL)",
            ("b" * 32, body, now),
        )
        connection.execute(
            "INSERT INTO received_notice VALUES (?, 'E08000035', 'E10000016', ?, ?, NULL, NULL)",
            ("c" * 32, body, now),
        )
        connection.executemany(
            "INSERT INTO unredacted VALUES (?, 'Children''s home', 'E10000016', ?, ?)",
            [(str(9_000_000 + number), facts, now) for number in range(300)],
        )


@contextmanager
def opened_after(another: sqlite3.Connection, folder: Path) -> Iterator[Node]:
    """Upgrade a node on which another process has hold, and has just written in the clear."""
    with another:
        another.execute("UPDATE unredacted SET facts = facts || ' '")
    assert named_in(folder / "node.db-wal") != []
    with opened(folder) as node:
        yield node


def test_the_upgrade_of_a_populated_release_seals_all_and_leaves_nothing_plain(
    folder: Path, tmp_path: Path
) -> None:
    kent = tmp_path / "kent"
    shutil.copytree(folder / "kent", kent, ignore=shutil.ignore_patterns("*.db*", "epoch-*"))
    as_released(kent)
    assert named_in(*files_of(kent)) != []
    notice = msgspec.json.decode(a_notice())
    who = operator("tests")
    with closing(sqlite3.connect(kent / "node.db")) as another, opened_after(another, kent) as node:
        assert named_in(*files_of(kent)) == [], "while it is open, write-ahead log and all"
        with writing(node.node_db) as connection:
            looked = {"who": who, "authority": "E10000016", "reason": "To see it is there"}
            facts = unredacted_facts(connection, node, urn="9000299", **looked)
            assert len(connection.execute(select(unredacted)).all()) == 300
    assert facts == {"Manager": MANAGER, "Provider address line 1": LANE}
    assert named_in(*files_of(kent)) == []
    assert show(tmp_path, "c" * 32) == notice
    assert succeed("outbox", at(tmp_path, "kent"))["messages"] == []


def test_an_upgrade_that_fails_half_way_seals_nothing_and_works_when_tried_again(
    folder: Path, tmp_path: Path
) -> None:
    kent = tmp_path / "kent"
    shutil.copytree(folder / "kent", kent, ignore=shutil.ignore_patterns("*.db*", "epoch-*"))
    as_released(kent)
    with closing(sqlite3.connect(kent / "node.db")) as connection, connection:
        connection.execute("CREATE TABLE audit_head (id INTEGER)")
    assert hearth("inbox", "--json", at(tmp_path, "kent")).status == 1
    with closing(sqlite3.connect(kent / "node.db")) as connection, connection:
        connection.execute("DROP TABLE audit_head")
        assert connection.execute("SELECT count(*) FROM unredacted").fetchone() == (300,)
    assert show(tmp_path, "c" * 32) == msgspec.json.decode(a_notice())
