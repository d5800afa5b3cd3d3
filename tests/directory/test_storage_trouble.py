"""A full, read-only or locked disk: said clearly, nothing is half done, and it heals by itself."""

import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from directory.app import create_app
from directory.nodes import opened
from directory.security.rights.roles import Role
from federation import Worker, own_log, reading, sqlite, stage, writing
from tests.directory.command_line import SECRETS, a_notice, at, hearth, make_consortium, succeed
from tests.directory.lists import home, write_list
from tests.directory.people import signed_in
from tests.directory.worlds import LEEDS
from tests.federation.processes import until

needs_mount = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 40 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = _mount("-t", "tmpfs", "-o", "size=40m,mode=700", "tmpfs", str(folder))
    if made.returncode:
        pytest.skip(f"this machine mounts nothing: {made.stderr.decode().strip()}")
    try:
        make_consortium(folder)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*how: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["mount", *how], check=False, capture_output=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """There is no room on the disk for one more byte."""
    filler = disk / "filler"
    with pytest.raises(OSError, match="space"), filler.open("wb", buffering=0) as file:  # noqa: PT012
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    _mount("-o", "remount,ro", str(disk)).check_returncode()
    try:
        yield
    finally:
        _mount("-o", "remount,rw", str(disk)).check_returncode()


@contextmanager
def locked(data: Path, name: str = "node.db") -> Iterator[None]:
    """Another process holds the database's write lock, and does not let go."""
    with closing(sqlite3.connect(data / name, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 200)


def notify(folder: Path) -> str:
    """Send a notice; why that failed, if it did."""
    ran = hearth(
        *("notify", "-", "--from", "leeds", "--to", "kent", "--json"),
        at(folder, "leeds"),
        stdin=a_notice(),
    )
    for word in SECRETS:
        assert word not in ran.out + ran.err
    return ran.error if ran.status else ""


def waiting(folder: Path) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'leeds' / 'node.db'}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT count(*) FROM outbox").fetchone()[0])


@needs_mount
def test_a_full_disk_takes_no_notice_by_halves_and_takes_it_when_there_is_room(disk: Path) -> None:
    with full(disk):
        assert "disk that holds the node's data is full" in notify(disk)
    assert waiting(disk) == 0
    assert notify(disk) == ""
    assert waiting(disk) == 1
    assert succeed("verify", at(disk, "leeds"))


@needs_mount
def test_a_full_disk_publishes_nothing_by_halves(disk: Path) -> None:
    before = succeed("log-info", at(disk, "leeds"))
    rows = [home(f"91{n:05}", Local_authority="Leeds") for n in range(300)]
    listed = write_list(disk, *rows)
    with full(disk):
        assert "is full" in hearth("import", "ofsted", listed, "--json", at(disk, "leeds")).error
        assert "is full" in hearth("publish", "--json", at(disk, "leeds")).error
    assert succeed("log-info", at(disk, "leeds")) == before
    succeed("import", "ofsted", listed, "--yes", at(disk, "leeds"))
    succeed("publish", at(disk, "leeds"))
    assert succeed("verify", at(disk, "leeds"))


@needs_mount
def test_a_read_only_disk_is_named_and_the_node_goes_on_when_it_is_not(disk: Path) -> None:
    with read_only(disk):
        assert "read-only" in notify(disk)
    assert waiting(disk) == 0
    assert notify(disk) == ""


@pytest.mark.usefixtures("impatient")
def test_a_locked_database_is_named_and_nothing_is_sent_until_it_is_free(tmp_path: Path) -> None:
    make_consortium(tmp_path)
    with locked(tmp_path / "leeds"):
        assert "kept the database locked for too long" in notify(tmp_path)
    assert waiting(tmp_path) == 0
    assert notify(tmp_path) == ""


@pytest.mark.soak
def test_a_database_locked_for_as_long_as_anybody_waits_is_named(tmp_path: Path) -> None:
    make_consortium(tmp_path)
    with locked(tmp_path / "leeds"):  # 30 seconds, the patience that a node really has
        assert "kept the database locked for too long" in notify(tmp_path)
    assert waiting(tmp_path) == 0
    assert notify(tmp_path) == ""


@pytest.mark.usefixtures("impatient")
def test_a_worker_outlives_a_locked_database_and_goes_on_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_consortium(tmp_path)
    stop = threading.Event()
    with opened(tmp_path / "leeds") as node:
        refused = threading.Event()
        event.listen(node.node_db, "handle_error", lambda _: refused.set())
        with writing(node.node_db) as connection:
            stage(connection, node, [("number/1", b'{"schema":"number/1"}')])
            before = _size(connection)
        working = threading.Thread(target=Worker(node).run, args=(stop,))
        try:
            with locked(tmp_path / "leeds"):
                working.start()
                assert refused.wait(30)

            def published() -> bool:
                with reading(node.node_db) as connection:
                    return _size(connection) > before

            until(published)
        finally:
            stop.set()
            working.join()
    assert "kept the database locked" in capsys.readouterr().out


def _size(connection: Connection) -> int:
    log = own_log(connection)
    return log.size if log else 0


def test_a_page_that_cannot_be_made_says_so_and_when_to_try_again(tmp_path: Path) -> None:
    make_consortium(tmp_path)
    with opened(tmp_path / "leeds") as node:
        visitor = signed_in(create_app(node), Role.COMMISSIONER, LEEDS)
        assert visitor.get("/homes").status_code == 200
        node.replica.dispose()
        database_file = tmp_path / "leeds" / "replica.db"
        sound = database_file.read_bytes()
        database_file.write_bytes(b"not a database" * 1000)
        answer = visitor.get("/homes")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert "cannot do that just now" in answer.text
        node.replica.dispose()
        database_file.write_bytes(sound)
        assert visitor.get("/homes").status_code == 200
