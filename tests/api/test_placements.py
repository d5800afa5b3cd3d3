"""Placements given by a case system, and what became of them back to it."""

import csv
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from directory.api.examples import PLACEMENTS_GIVEN
from directory.placing.exporting.files import ExportPlacements
from directory.security.audit.models import audit_row
from directory.security.rights.roles import Scope
from federation import reading
from tests.api.systems import SystemClient
from tests.directory.worlds import KENT, LEEDS, Consortium

pytestmark = pytest.mark.both_databases
PLACEMENTS = f"/authorities/{KENT}/placements"
GIVEN: dict[str, Any] = PLACEMENTS_GIVEN["placements"][0] | {"area": LEEDS}
WHY = {"Reason": "To show it in the case record"}


def give(system: SystemClient, *placements: dict[str, Any]) -> TestResponse:
    key = {"Idempotency-Key": secrets.token_hex(16)}
    return system.post(PLACEMENTS, json={"placements": list(placements)}, headers=key)


def test_what_a_case_system_gives_twice_is_there_once_and_read_with_a_reason(
    system: SystemClient, world: Consortium
) -> None:
    mine = GIVEN | {"identifier": "K-ONCE"}
    same = {"new": 0, "changed": 0, "ended": 0, "same": 1, "left": [], "troubles": []}
    assert give(system, mine).get_json() == same | {"new": 1, "same": 0}
    assert give(system, mine).get_json() == same
    ended = mine | {"ends_on": "2026-02-01", "legal_status": "section 20"}
    assert give(system, ended).get_json() == same | {"ended": 1, "same": 0}
    key = {"Idempotency-Key": secrets.token_hex(16)}
    old = {"as_at": "2026-01-20", "placements": [mine | {"legal_status": "section 31"}]}
    left = system.post(PLACEMENTS, json=old, headers=key).get_json()["left"]
    assert [one["what"].partition(":")[0] for one in left] == ["legal status"]
    exported = system.get(f"{PLACEMENTS}/export", headers=WHY).get_json()["placements"]
    row = next(one for one in exported if one["identifier"] == "K-ONCE")
    assert (row["state"], row["ends_on"], row["area"], row["relation"]) == (
        "ended",
        "2026-02-01",
        LEEDS,
        "at a distance",
    )
    assert system.get(f"{PLACEMENTS}/{row['id']}").status_code == 400
    whole = system.get(f"{PLACEMENTS}/{row['id']}", headers=WHY).get_json()
    assert whole["says"]["given_name"] == "Robin"
    assert whole["says"]["legal_status"] == "section 20"
    assert "Robin" not in system.get(PLACEMENTS).text
    with reading(world.reader.node_db) as connection:
        rows = select(audit_row.c.record).where(audit_row.c.record == f"placement/{row['id']}")
        assert len(connection.execute(rows).all()) == 1
        assert "Robin" not in str(connection.execute(select(audit_row)).all())


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_on": "31/12/2026"},
        {"setting": "castle"},
        {"surname": "Quill"},
        {"address": "a" * 301},
    ],
)
def test_what_cannot_be_is_refused_and_not_said_again(
    system: SystemClient, wrong: dict[str, Any]
) -> None:
    answer = give(system, GIVEN | {"identifier": "K-WRONG"} | wrong)
    assert answer.status_code == 422
    assert not any(str(said) in answer.text for said in wrong.values())


def test_who_may_only_read_gives_nothing(
    app: Flask, registered: Callable[..., tuple[str, str]]
) -> None:
    reader = SystemClient(app, *registered(Scope.PLACEMENTS_READ))
    assert give(reader, GIVEN).status_code == 403
    writer = SystemClient(app, *registered(Scope.PLACEMENTS_WRITE))
    assert give(writer, GIVEN).status_code == 201
    assert writer.get(PLACEMENTS).status_code == 200
    assert writer.get(f"{PLACEMENTS}/export", headers=WHY).status_code == 403


def test_the_worker_writes_a_file_that_names_nobody_when_it_is_time(
    system: SystemClient, world: Consortium, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(system, GIVEN | {"identifier": "K-FILE"})
    chore = ExportPlacements()
    chore(world.reader)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("HEARTH_EXPORT_DIR", str(tmp_path))
    chore(world.reader)
    (file,) = tmp_path.iterdir()
    assert file.name == f"placements-{KENT}.csv"
    assert file.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    (row,) = (one for one in rows if one["identifier"] == "K-FILE")
    assert (row["state"], row["relation"], row["emergency"]) == ("live", "at a distance", "no")
    assert "Robin" not in file.read_text("utf-8-sig")
    file.unlink()
    chore(world.reader)
    assert list(tmp_path.iterdir()) == []
