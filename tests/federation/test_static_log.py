"""A log that Go's packages wrote, served as files: it is sound, and the clauses of logs hold."""

import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from federation import (
    Outcome,
    Traffic,
    Trust,
    Visit,
    find_log,
    of_sections,
    try_node,
    verify_whole_log,
)
from protocols.keys import Purpose
from protocols.note import NoteVerifier
from tests.federation.test_strangers import go_build, needs_go

SOURCE = Path(__file__).parents[1] / "static_log"
LOG_SECTIONS = ("4", "5", "6", "14")

pytestmark = [pytest.mark.go, needs_go]


class Files(SimpleHTTPRequestHandler):
    """Static files; only the checkpoint's type has to be said, as in any web server."""

    def guess_type(self, path: object) -> str:
        name = Path(str(path)).name
        return "text/plain; charset=utf-8" if name == "checkpoint" else "application/octet-stream"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def static_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, NoteVerifier]]:
    """The address of a node of which there is nothing but its log, and the log's key."""
    folder = tmp_path_factory.mktemp("static")
    made = go_build(SOURCE, folder / "static_log")
    origin = "go.example/log"
    vkey = subprocess.run(
        [made, folder / "served" / "log", origin, "70000"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    handler = partial(Files, directory=str(folder / "served"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield url, NoteVerifier.from_vkey(vkey, Purpose.LOG)
        server.shutdown()
        thread.join()


def test_the_clauses_of_logs_hold_for_it(static_log: tuple[str, NoteVerifier]) -> None:
    url, key = static_log
    visit = Visit(url, [key])
    findings = try_node(visit, of_sections(LOG_SECTIONS))
    visit.close()
    assert len(findings) == len(of_sections(LOG_SECTIONS)) > 15
    others = [(one.id, one.outcome) for one in findings if one.outcome is not Outcome.HOLDS]
    assert others == [("4.3/quorum", Outcome.NOT_ASKED)]  # it has no charter, and no witnesses


def test_it_is_verified_to_its_last_byte(static_log: tuple[str, NoteVerifier]) -> None:
    url, key = static_log
    log = find_log(url, Traffic())
    whole = verify_whole_log(log, Trust((key,)))
    log.close()
    assert (whole.head.checkpoint.size, whole.bundles, whole.tiles) == (70_000, 274, 277)
