"""Guesses that come all at once get no further than one after the other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from directory.security.people.errors import Paused
from directory.security.people.pauses import count_attempt, of_code
from federation import open_database
from tests.databases import Databases

AT_ONCE, ALLOWED = 16, 5


@pytest.mark.both_databases
def test_many_attempts_at_once_are_all_counted(tmp_path: Path, database: Databases) -> None:
    database.settle(tmp_path)
    engine = open_database(tmp_path, "node")
    start, now = Barrier(AT_ONCE), datetime.now(UTC)

    def attempt(_: int) -> bool:
        start.wait()
        try:
            count_attempt(engine, of_code("somebody"), now)
        except Paused:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        let_pass = sum(pool.map(attempt, range(AT_ONCE)))
    engine.dispose()
    assert let_pass == ALLOWED
