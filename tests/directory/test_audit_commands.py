"""`hearth audit` and `hearth epoch`, as they are used and as they refuse."""

import csv
import shutil
import threading
from pathlib import Path

import msgspec
import pytest

from directory.node.running.worker import CHORES
from directory.nodes import opened
from directory.security.audit.verifying import verify_audit
from directory.security.rights.principal import operator
from federation import Node, Worker, own_records, reading, worker
from tests.directory.command_line import a_notice, at, change, hearth, make_consortium, succeed
from tests.federation.processes import until

WHY = ("--reason", "=HYPERLINK(1) to see whether it runs")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Leeds, which sent two notices and looked for a home."""
    folder = tmp_path_factory.mktemp("audit")
    make_consortium(folder)
    for _ in range(2):
        succeed(
            *("notify", "-", "--from", "Leeds", "--to", "Kent", at(folder, "leeds")),
            stdin=a_notice(),
        )
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "leeds", tmp_path / "leeds")
    return tmp_path


def test_a_sound_audit_says_so_and_a_rewritten_one_fails_with_the_row(folder: Path) -> None:
    said = succeed("audit", "verify", at(folder, "leeds"))
    assert (said["sound"], said["rows"], said["row"]) == (True, 2, None)
    change(folder / "leeds" / "node.db", "UPDATE audit_row SET who_name = 'Nobody' WHERE seq = 2")
    broken = hearth("audit", "verify", "--json", at(folder, "leeds"))
    assert broken.status == 1
    assert broken.error.startswith("row 2 was rewritten")
    assert (broken.answer["sound"], broken.answer["row"]) == (False, 2)
    assert "NOT sound" in hearth("audit", "verify", at(folder, "leeds")).out


def test_the_list_says_who_did_what_and_names_no_child(folder: Path) -> None:
    shown = hearth("audit", "list", at(folder, "leeds"))
    assert len(shown.out.splitlines()) == 2
    assert "send a notice of a placement" in shown.out
    assert "operator:" in shown.out
    assert "Zebedee" not in shown.out
    assert succeed("audit", "list", "--who", "nobody at all", at(folder, "leeds"))["rows"] == []
    later = succeed("audit", "list", "--since", "2999-01-01", at(folder, "leeds"))
    assert later["rows"] == []
    assert (
        "does not serve Kent"
        in hearth("audit", "list", "--authority", "Kent", "--json", at(folder, "leeds")).error
    )


def test_the_csv_runs_nothing_in_a_spreadsheet_and_overwrites_nothing(folder: Path) -> None:
    notice = succeed("outbox", at(folder, "leeds"))["messages"][0]["id"]
    succeed("erase", notice, "--yes", *WHY, at(folder, "leeds"))
    out = folder / "audit.csv"
    succeed("audit", "list", "--csv", out, at(folder, "leeds"))
    assert out.stat().st_mode & 0o777 == 0o600
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][:3] == ["Number", "Time (UTC)", "Who"]
    assert rows[1][-1] == f"'{WHY[1]}"
    again = hearth("audit", "list", "--csv", out, "--json", at(folder, "leeds"))
    assert "not overwritten" in again.error


def test_a_new_epoch_lets_the_key_of_before_go(folder: Path) -> None:
    before = succeed("epoch", "list", at(folder, "leeds"))["epochs"]
    assert [(one["number"], one["file"]) for one in before] == [(1, True)]
    refused = hearth("epoch", "remove", "1", "--json", at(folder, "leeds"))
    assert "Nothing was removed" in refused.error
    made = hearth("epoch", "new", at(folder, "leeds"))
    assert "Next: back up" in made.out
    assert "2  " in hearth("epoch", "list", at(folder, "leeds")).out
    succeed("epoch", "remove", "1", at(folder, "leeds"))
    assert not (folder / "leeds" / "keys" / "epoch-1").exists()
    notice = succeed("outbox", at(folder, "leeds"))["messages"][0]["id"]
    assert notice
    rows = succeed("audit", "list", "--node", at(folder, "leeds"))["rows"]
    assert [row["action"] for row in rows] == ["remove an epoch's key", "begin an epoch"]
    assert succeed("audit", "verify", at(folder, "leeds"))["sound"]


def anchored(node: Node) -> int:
    with reading(node.node_db) as connection:
        return verify_audit(connection, node, operator("tests")).anchored


def test_the_worker_anchors_the_audit_so_that_others_hold_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CHORES_S", 0.0)
    stop = threading.Event()
    with opened(folder / "leeds") as node:
        before = succeed("audit", "verify", at(folder, "leeds"))
        running = threading.Thread(target=Worker(node, chores=CHORES).run, args=(stop,))
        running.start()
        try:
            until(lambda: anchored(node) == 2)
        finally:
            stop.set()
            running.join()
        with reading(node.node_db) as connection:
            (record,) = own_records(connection, "anchor/1").values()
    assert (before["anchors"], before["anchored_rows"]) == (0, 0)
    assert set(msgspec.json.decode(record)) == {"schema", "digest"}
