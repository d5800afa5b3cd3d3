"""A list a hundred times as long as Ofsted's is read a row at a time, in little memory."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from directory.records.ofsted import reading
from directory.records.ofsted.errors import UnreadableList
from directory.records.ofsted.reading import Reading
from tests.directory.lists import BANNER, HEADINGS, home, write_list

ROWS = 500_000
MOST_MEMORY = 200  # MB, resident, of the whole process
_IMPORT = """
import json, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from directory.database import migrate
from directory.records.ofsted.reading import Reading
from directory.records.ofsted.service import import_list
from directory.records.ofsted.spool import spooled
from federation import open_database, writing

folder = Path(sys.argv[1])
migrate(folder)
engine = open_database(folder, "node")
told = []
listed = Reading(folder / "list.csv", told.append)
with spooled(listed) as ready, writing(engine) as connection:
    result = import_list(
        connection, ready, file_name="x", digest=listed.sha256, now=datetime.now(UTC)
    )
print(json.dumps({
    "joined": result.joined,
    "unchanged": result.unchanged,
    "told": len(told),
    "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def test_who_waits_is_told_how_far_the_reading_has_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_TELL_EVERY", 2)
    told: list[int] = []
    path = write_list(tmp_path, *(home(str(9000000 + one)) for one in range(5)))
    assert len(list(Reading(path, told.append).registrations)) == 5
    assert told == [2, 4]


def test_more_rows_than_any_list_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 1)
    path = write_list(tmp_path, home("9000001"), home("9000002"))
    with pytest.raises(UnreadableList, match=r"more than 1 rows.*nothing of it was kept"):
        list(Reading(path).registrations)


@pytest.mark.soak
def test_half_a_million_rows_are_imported_within_200_mb(tmp_path: Path) -> None:
    with (tmp_path / "list.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([BANNER[0]])
        writer.writerow(HEADINGS)
        for one in range(ROWS):
            writer.writerow(home(str(2_000_000 + one), Places=str(1 + one % 9)))
    ran = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(tmp_path)],
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": "."},
        timeout=1200,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    said = json.loads(ran.stdout)
    assert (said["joined"], said["unchanged"], said["told"]) == (ROWS, 0, ROWS // 5000)
    assert said["mb"] < MOST_MEMORY
