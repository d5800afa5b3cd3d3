"""Backups: made while the node runs, whole or refused, and no way around what was destroyed."""

import errno
import io
import shutil
import sqlite3
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from directory.node.backup import postgresql
from directory.node.backup.archive import encode_manifest, read_manifest
from directory.node.backup.manifest import Manifest, proof
from directory.node.backup.service import back_up
from directory.nodes import opened
from directory.security.audit.service import note
from directory.security.rights.principal import operator
from directory.security.vault.epochs import read_key
from federation import stage, writing
from tests.databases import Databases, databases
from tests.directory.command_line import (
    Ran,
    a_notice,
    at,
    deliver,
    hearth,
    make_consortium,
    succeed,
)
from tests.directory.test_at_rest import named_in
from tests.federation.processes import until
from tests.federation.servers import free_ports
from tests.federation.test_end_to_end import PATIENCE, Running, came, hand_in, send
from tests.federation.worlds import KENT, LEEDS, found, home_record, true_time

WHY = ("--reason", "To place the child in a school")


@pytest.mark.soak
@pytest.mark.both_databases(second_is_soak=True)
@pytest.mark.usefixtures("postgresql_tools")
def test_a_node_that_lost_its_disk_comes_back_and_what_was_destroyed_does_not(
    tmp_path: Path, database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("kent", "leeds")
    ports = zip(names, free_ports(2), strict=True)
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports}
    backup, keys = tmp_path / "leeds.backup", tmp_path / "keys"
    world = found(tmp_path, *names, urls=urls, clock=true_time, database=database)
    with world, Running(world["kent"]) as kent:
        until(kent.answers, PATIENCE)
        with Running(world["leeds"]) as leeds:
            until(leeds.answers, PATIENCE)
            with writing(world["leeds"].node_db) as connection:
                stage(connection, world["leeds"], [("home", home_record("9000001", LEEDS))])
            kept, destroyed = (send(world["kent"], KENT, LEEDS) for _ in range(2))
            until(lambda: {kept, destroyed} <= set(came(world["leeds"], LEEDS)), PATIENCE)
            until(lambda: succeed("log-info", at(tmp_path, "leeds"))["logs"] != [], PATIENCE)
            show(tmp_path, kept)
            made = succeed("backup", backup, at(tmp_path, "leeds"))
            assert (made["log_size"], made["audit_rows"]) == (1, 4)
            succeed("erase", destroyed, "--yes", *WHY, at(tmp_path, "leeds"))
            shutil.copytree(tmp_path / "leeds" / "keys", keys)
            leeds.kill()
        # The disk is lost, and with it everything but the two backups.
        world["leeds"].close()
        shutil.rmtree(tmp_path / "leeds")
        (tmp_path / "leeds").mkdir(mode=0o700)
        shutil.copytree(keys, tmp_path / "leeds" / "keys")
        if database.kind == "postgresql":
            monkeypatch.setenv("HEARTH_DATABASE", database.fresh("template0"))
        back = succeed("restore", backup, at(tmp_path, "leeds"))
        monkeypatch.delenv("HEARTH_DATABASE", raising=False)
        assert (back["publishes"], back["kept"]) == (True, None)
        with Running(world["leeds"]) as leeds:
            until(leeds.answers, PATIENCE)
            assert show(tmp_path, kept)["child"]
            look = ("inbox", "--show", destroyed, *WHY, "--json", at(tmp_path, "leeds"))
            assert "was destroyed" in hearth(*look).error
            assert succeed("audit", "verify", at(tmp_path, "leeds"))["sound"]
            after = send(world["kent"], KENT, LEEDS)
            until(lambda: after in listed(tmp_path), PATIENCE)
            until(lambda: succeed("search", at(tmp_path, "leeds"))["total"] == 1, PATIENCE)
            assert succeed("verify", at(tmp_path, "leeds"))["sound"]


def show(folder: Path, notice: str) -> dict[str, object]:
    return succeed("inbox", "--show", notice, *WHY, at(folder, "leeds"))


def listed(folder: Path) -> list[str]:
    return [one["id"] for one in succeed("inbox", at(folder, "leeds"))["notices"]]


@pytest.mark.both_databases
@pytest.mark.usefixtures("postgresql_tools")
def test_what_was_there_is_put_aside_only_when_told_to_and_nothing_uses_it(
    tmp_path: Path, database: Databases
) -> None:
    backup = tmp_path / "leeds.backup"
    with found(tmp_path, "kent", "leeds", database=database, clock=true_time) as world:
        world["leeds"].close()
        succeed("backup", backup, at(tmp_path, "leeds"))
        hand_in(world["leeds"], b"{}")
        restore = ("restore", backup, "--json", at(tmp_path, "leeds"))
        assert "--yes" in hearth(*restore).error
        running = hearth(*restore, "--yes").error
        assert "Stop the node" in running
        assert staged(world["leeds"].folder) == 1
        world["leeds"].close()
        kept = succeed("restore", backup, "--yes", at(tmp_path, "leeds"))["kept"]
        assert staged(tmp_path / "leeds") == 0
        if database.kind == "postgresql":
            schema = kept.split()[0]
            with opened(tmp_path / "leeds") as node, writing(node.node_db) as connection:
                count = f'SELECT count(*) FROM "{schema}".staged'
                assert connection.exec_driver_sql(count).scalar() == 1
        else:
            (Path(kept) / "node.db").replace(tmp_path / "leeds" / "node.db")
            assert staged(tmp_path / "leeds") == 1


def staged(folder: Path) -> int:
    with opened(folder) as node, writing(node.node_db) as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM staged").scalar() or 0)


@pytest.mark.both_databases
@pytest.mark.usefixtures("postgresql_tools")
def test_a_backup_is_of_one_moment_however_much_is_written_meanwhile(
    tmp_path: Path, database: Databases
) -> None:
    backup, who = tmp_path / "kent.backup", operator("tests")
    written, stop = threading.Event(), threading.Event()
    with found(tmp_path, "kent", database=database, clock=true_time) as world:
        kent = world["kent"]

        def write_on() -> None:
            while not stop.is_set():
                with writing(kent.node_db) as connection:
                    note(connection, kent, who, "look", authority=KENT, reason="To write on")
                written.set()

        busy = threading.Thread(target=write_on)
        busy.start()
        try:
            assert written.wait(PATIENCE)
            made = back_up(kent, who, backup, lambda _: None)
        finally:
            stop.set()
            busy.join()
        kent.close()
        succeed("restore", backup, "--yes", at(tmp_path, "kent"))
        said = succeed("audit", "verify", at(tmp_path, "kent"))
    assert made.audit_rows >= 2
    assert (said["sound"], said["rows"]) == (True, made.audit_rows + 1), "one of the restore"


def test_a_server_that_is_newer_than_pg_dump_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n")
    old.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgresql, "_INSTALLED", tmp_path)
    with (
        databases("postgresql") as made,
        found(tmp_path, "kent", database=made, clock=true_time),
    ):
        said = hearth("backup", tmp_path / "x", "--json", at(tmp_path, "kent")).error
    assert "pg_dump is 9" in said
    assert "postgresql-client-" in said
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith((".", "x"))] == []


# --- One node, on SQLite --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Leeds, which published two homes and received a notice, and its backup beside it."""
    folder = tmp_path_factory.mktemp("backup")
    make_consortium(folder)
    succeed(
        *("notify", "-", "--from", "Kent", "--to", "Leeds", at(folder, "kent")), stdin=a_notice()
    )
    deliver(folder, "kent", "leeds")
    succeed("backup", folder / "leeds.backup", at(folder, "leeds"))
    return folder


@pytest.fixture
def leeds(made: Path, tmp_path: Path) -> Path:
    """A copy of it, in a folder of the test's own. Nothing but a restore changes it."""
    shutil.copytree(made / "leeds", tmp_path / "leeds")
    return tmp_path


def restore(folder: Path, backup: Path, *more: str) -> Ran:
    return hearth("restore", backup, "--yes", "--json", *more, at(folder, "leeds"))


def state(folder: Path) -> dict[str, bytes]:
    """Every file of the node."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "leeds").rglob("*"))
        if path.is_file()
    }


def test_a_backup_is_for_its_owner_alone_and_holds_no_name_and_no_key(made: Path) -> None:
    file = made / "leeds.backup"
    assert file.stat().st_mode & 0o777 == 0o600
    assert named_in(file) == []
    data = file.read_bytes()
    for path in (made / "leeds" / "keys").iterdir():
        text = path.read_text("ascii").strip()
        keys = msgspec.json.decode(text).values() if text.startswith("{") else [text]
        assert not any(key.encode() in data for key in keys)
    with tarfile.open(file) as archive:
        assert archive.getnames() == [
            "manifest.json",
            "manifest.proof",
            "node",
            "member.json",
            "charter.note",
        ]
    assert [path.name for path in made.iterdir() if path.name.startswith(".")] == []


def test_a_backup_overwrites_nothing(made: Path) -> None:
    before = (made / "leeds.backup").read_bytes()
    said = hearth("backup", made / "leeds.backup", "--json", at(made, "leeds"))
    assert "not overwritten" in said.error
    assert (made / "leeds.backup").read_bytes() == before


def test_a_backup_that_fails_leaves_no_file(leeds: Path) -> None:
    (leeds / "leeds" / "keys" / "epoch-1").chmod(0o644)
    said = hearth("backup", leeds / "new.backup", "--json", at(leeds, "leeds"))
    assert "chmod 600" in said.error
    assert [path.name for path in leeds.iterdir()] == ["leeds"]


def test_into_an_empty_directory_with_its_keys_alone(made: Path, tmp_path: Path) -> None:
    (tmp_path / "leeds").mkdir()
    said = restore(tmp_path, made / "leeds.backup").error
    assert "epoch-1 is missing" in said
    assert state(tmp_path) == {}
    shutil.copytree(made / "leeds" / "keys", tmp_path / "leeds" / "keys")
    back = restore(tmp_path, made / "leeds.backup").answer
    assert (back["node"], back["publishes"], back["kept"]) == ("leeds", True, None)
    notices = succeed("inbox", at(tmp_path, "leeds"))["notices"]
    whole = succeed("inbox", "--show", notices[0]["id"], *WHY, at(tmp_path, "leeds"))
    assert whole == msgspec.json.decode(a_notice())
    synced = hearth("sync", "--json", at(tmp_path, "leeds")).answer["logs"]
    assert synced[0]["applied"] == 3
    assert succeed("search", at(tmp_path, "leeds"))["total"] == 2


def test_an_older_backup_publishes_nothing_and_says_so(leeds: Path, made: Path) -> None:
    with closing(sqlite3.connect(leeds / "leeds" / "node.db")) as connection, connection:
        connection.execute("DELETE FROM published")
    assert succeed("publish", at(leeds, "leeds"))["entries"] > 0
    back = restore(leeds, made / "leeds.backup").answer
    assert not back["publishes"]
    assert "Nothing is signed until then" in back["problem"]
    with closing(sqlite3.connect(leeds / "leeds" / "node.db")) as connection, connection:
        connection.execute("DELETE FROM published")
    assert "older than the keys" in hearth("publish", "--json", at(leeds, "leeds")).error


@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.9, 1.0])
def test_a_backup_that_was_cut_off_is_refused_and_nothing_is_changed(
    leeds: Path, made: Path, part: float
) -> None:
    with tarfile.open(made / "leeds.backup") as archive:
        last = archive.getmembers()[-1]
    data = (made / "leeds.backup").read_bytes()[: last.offset_data + last.size - 1]
    (leeds / "cut").write_bytes(data[: int(len(data) * part)])
    before = state(leeds)
    assert "Nothing was changed" in restore(leeds, leeds / "cut").error
    assert state(leeds) == before


def places(file: Path) -> list[int]:
    """A byte in each header and each part of an archive."""
    with tarfile.open(file) as archive:
        every = archive.getmembers()
    return [one.offset for one in every] + [one.offset_data + one.size // 2 for one in every]


@pytest.mark.parametrize("number", range(10))
def test_a_flipped_bit_is_found_and_nothing_is_changed(
    leeds: Path, made: Path, number: int
) -> None:
    data = bytearray((made / "leeds.backup").read_bytes())
    data[places(made / "leeds.backup")[number]] ^= 1
    (leeds / "flipped").write_bytes(data)
    before = state(leeds)
    assert "Nothing was changed" in restore(leeds, leeds / "flipped").error
    assert state(leeds) == before


def forged(made: Path, target: Path, *, epoch: int = 1, **changes: object) -> Path:
    """The backup with another manifest, proved with the node's own key."""
    manifest, _, _ = read_manifest(made / "leeds.backup")
    said = encode_manifest(msgspec.structs.replace(manifest, **changes))
    key = read_key(made / "leeds" / "keys", epoch)
    with (
        tarfile.open(made / "leeds.backup") as old,
        tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in old.getmembers():
            data = {"manifest.json": said, "manifest.proof": proof(said, key)}.get(
                member.name,
                old.extractfile(member).read(),  # type: ignore[union-attr]
            )
            entry = tarfile.TarInfo(member.name)
            entry.size = len(data)
            new.addfile(entry, io.BytesIO(data))
    return target


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"node": "devon"}, "is of the node devon"),
        ({"origin": "elsewhere/log"}, "elsewhere/log"),
        ({"revision": "9999"}, "install that version first"),
        ({"database": "postgresql"}, "another kind"),
    ],
)
def test_what_does_not_belong_here_is_refused(
    leeds: Path, made: Path, changes: dict[str, object], why: str
) -> None:
    before = state(leeds)
    assert why in restore(leeds, forged(made, leeds / "forged", **changes)).error
    assert state(leeds) == before


def test_a_backup_of_another_node_is_refused(leeds: Path, made: Path) -> None:
    succeed("backup", leeds / "kent.backup", at(made, "kent"))
    before = state(leeds)
    assert "is of the node kent" in restore(leeds, leeds / "kent.backup").error
    (leeds / "leeds" / "member.json").unlink()
    assert "was not made with this node's key" in restore(leeds, leeds / "kent.backup").error
    (leeds / "leeds" / "member.json").write_bytes(before["leeds/member.json"])
    assert state(leeds) == before


def test_nobody_who_keeps_a_backup_can_make_another(leeds: Path, made: Path) -> None:
    (leeds / "leeds" / "keys" / "epoch-1").write_bytes(
        (made / "kent" / "keys" / "epoch-1").read_bytes()
    )
    assert "was not made with this node's key" in restore(leeds, made / "leeds.backup").error


def test_a_part_too_many_or_elsewhere_is_refused(leeds: Path, made: Path) -> None:
    for name in ("more", "../outside"):
        shutil.copy(made / "leeds.backup", leeds / "more")
        with tarfile.open(leeds / "more", "a") as archive:
            entry = tarfile.TarInfo(name)
            entry.size = 1
            archive.addfile(entry, io.BytesIO(b"x"))
        before = state(leeds)
        assert "Nothing was changed" in restore(leeds, leeds / "more").error
        assert state(leeds) == before
    assert not (leeds / "outside").exists()


def test_a_restore_that_fails_at_the_last_step_leaves_the_node_as_it_was(
    leeds: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "node.db")

    before = (leeds / "leeds" / "node.db").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        assert "is full" in restore(leeds, made / "leeds.backup").error
    assert (leeds / "leeds" / "node.db").read_bytes()[100:] == before[100:]
    assert [one["acknowledged_at"] for one in succeed("inbox", at(leeds, "leeds"))["notices"]]
    assert succeed("audit", "verify", at(leeds, "leeds"))["sound"]
    assert restore(leeds, made / "leeds.backup").status == 0


def test_a_damaged_database_gives_way_and_is_kept(leeds: Path, made: Path) -> None:
    for name in ("node.db", "node.db-wal"):
        (leeds / "leeds" / name).write_bytes(b"not a database" * 100)
    back = restore(leeds, made / "leeds.backup").answer
    assert (Path(back["kept"]) / "node.db").read_bytes().startswith(b"not a database")
    assert succeed("audit", "verify", at(leeds, "leeds"))["sound"]


def test_a_manifest_says_what_the_backup_holds(made: Path) -> None:
    manifest, _, _ = read_manifest(made / "leeds.backup")
    assert isinstance(manifest, Manifest)
    assert (manifest.node, manifest.log_size, manifest.database) == ("leeds", 3, "sqlite")
    with closing(sqlite3.connect(made / "leeds" / "node.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (manifest.revision,)
        ]
