"""`hearth import ofsted` as a person or a script calls it, and what becomes of what it says."""

import csv
import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from directory.cli import main
from directory.database import migrate
from directory.records.ofsted.reading import Reading
from federation import adopt_charter, found_charter, initialise, new_charter_key
from tests.directory.command_line import at, hearth, make_consortium
from tests.directory.lists import home, ofsted_csv, write_list

KENT = "E10000016"


@pytest.fixture
def node(tmp_path: Path) -> Path:
    folder = tmp_path / "node"
    member = initialise(folder, "kent", "http://127.0.0.1:9", {KENT: "Kent"})
    now = datetime.now(UTC)  # a charter ends, and the command knows no other clock
    charter = found_charter("Test", [member], {}, [new_charter_key("test/charter")], now)
    adopt_charter(folder, charter, now)
    migrate(folder)
    return folder


def run(node: Path, file: Path, *options: str, answer: str | None = None) -> Result:
    arguments = ["import", "ofsted", str(file), f"--data-dir={node}", *options]
    return CliRunner().invoke(main, arguments, answer)


def test_the_command_lists_every_change_in_json(node: Path, tmp_path: Path) -> None:
    run(node, write_list(tmp_path, home(), banner=["as at 31 March 2024"]))
    said = run(node, write_list(tmp_path, home(Places="5")), "--json")
    answer = json.loads(said.stdout)
    assert answer["changes"]["places"] == [{"urn": "9000001", "before": 3, "after": 5}]
    assert answer["by_provision_type"]["Children's home"]["changed"] == 1
    assert {"read", "usable", "joined", "changed", "unchanged", "left", "as_at"} <= answer.keys()


def test_the_command_stops_and_says_how_to_go_on(node: Path, tmp_path: Path) -> None:
    rows = [home("9000001"), home("9000002")]
    run(node, write_list(tmp_path, *rows, banner=["as at 31 March 2024"]))
    half = write_list(tmp_path, home("9000001"))
    stopped = run(node, half, "--json")
    assert stopped.exit_code == 1
    assert "--yes" in json.loads(stopped.stdout)["error"]
    assert json.loads(run(node, half, "--json", "--yes").stdout)["left"] == 1


def test_a_broken_workbook_leaves_the_register_as_it_was(node: Path, tmp_path: Path) -> None:
    run(node, write_list(tmp_path, home()))
    broken = tmp_path / "list.ods"
    broken.write_bytes(b"PK\x03\x04" + b"x" * 100)
    failed = run(node, broken, "--json")
    assert "damaged" in json.loads(failed.stdout)["error"]
    assert json.loads(run(node, write_list(tmp_path, home()), "--json").stdout)["unchanged"] == 1


def test_a_list_without_a_date_closes_nobody_until_somebody_says_its_day(
    node: Path, tmp_path: Path
) -> None:
    homes = [home(str(9000000 + one)) for one in range(30)]
    run(node, write_list(tmp_path, *homes, banner=["as at 31 March 2018"]))
    undated = write_list(tmp_path, *homes[1:], banner=[])
    answer = json.loads(run(node, undated, "--json").stdout)
    assert (answer["left"], answer["as_at"]) == (0, None)
    assert "--as-at" in run(node, undated).stdout
    answer = json.loads(run(node, undated, "--json", "--as-at", "2019-03-31").stdout)
    assert (answer["left"], answer["as_at"]) == (1, "2019-03-31")


def test_an_undated_list_that_is_said_to_be_older_is_refused(node: Path, tmp_path: Path) -> None:
    run(node, write_list(tmp_path, home(), banner=["as at 31 March 2024"]))
    refused = run(node, write_list(tmp_path, home(), banner=[]), "--json", "--as-at=2019-03-31")
    assert refused.exit_code == 1
    assert "Import" in json.loads(refused.stdout)["error"] or "import" in refused.stdout


def test_a_list_that_says_another_day_is_refused(node: Path, tmp_path: Path) -> None:
    refused = run(node, write_list(tmp_path, home()), "--json", "--as-at", "2019-03-31")
    assert refused.exit_code == 1
    assert "without --as-at" in json.loads(refused.stdout)["error"]


def test_who_joined_left_or_changed_is_written_as_csv_that_runs_nothing(
    node: Path, tmp_path: Path
) -> None:
    homes = [home(str(9000000 + one)) for one in range(30)]
    run(node, write_list(tmp_path, *homes, banner=["as at 31 March 2024"]))
    changed = home("9000001", Organisation_which_owns_the_provider="+Plus Care", Places="5")
    to = tmp_path / "changes.csv"
    run(node, write_list(tmp_path, changed, home("9000099"), *homes[2:]), f"--changes={to}")
    with to.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows == [
        ["Change", "URN", "Before", "After"],
        ["joined", "9000099", "", ""],
        ["left", "9000000", "", ""],
        ["owner", "9000001", "Paper Heron Care Limited", "'+Plus Care"],
        ["places", "9000001", "3", "5"],
    ]


def test_nobody_waits_for_the_database_while_a_file_is_read(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.records.ofsted.reading._TELL_EVERY", 1)
    saved: list[int] = []

    def save(rows: int) -> None:
        with closing(sqlite3.connect(node / "node.db", timeout=0)) as officer:
            officer.execute("BEGIN IMMEDIATE")
            officer.rollback()
        saved.append(rows)

    def reading_while_somebody_saves(file: Path, tell: object, as_at: date | None) -> Reading:
        return Reading(file, save, as_at)

    monkeypatch.setattr("directory.cli.ofsted.Reading", reading_while_somebody_saves)
    done = run(node, write_list(tmp_path, *(home(str(9000000 + one)) for one in range(5))))
    assert done.exit_code == 0, done.output
    assert saved == [1, 2, 3, 4, 5]


def test_homes_without_a_date_of_registration_are_counted_and_not_published(
    node: Path, tmp_path: Path
) -> None:
    text = ofsted_csv([home("9000001")]).replace("Registration date", "Something else")
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8-sig", newline="")
    told = run(node, path).stdout
    assert "1 homes no list has said since when" in told
    arguments = ["publish", f"--data-dir={node}"]
    published = CliRunner().invoke(main, arguments)
    assert "1 more are not published" in published.stdout
    answer = json.loads(CliRunner().invoke(main, [*arguments, "--json"]).stdout)
    assert (answer["homes"], answer["undated"]) == (0, 1)


def test_what_a_search_finds_is_written_as_csv_of_every_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.homes.service.PAGE_SIZE", 1)
    make_consortium(tmp_path)
    hearth("sync", at(tmp_path, "leeds"))  # Kent does not answer
    to = tmp_path / "found.csv"
    assert hearth("search", f"--csv={to}", at(tmp_path, "leeds")).status == 0
    with to.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["URN"] for row in rows} == {"9000001", "9000002"}
    assert rows[0]["Authority"] == "Leeds"
    assert not {"Address", "Postcode"} & rows[0].keys()
