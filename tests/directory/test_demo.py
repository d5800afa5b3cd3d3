"""`hearth demo`: whole consortia of real processes, as whoever tries it here gets them."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.directory.command_line import hearth

OFSTED = Path(__file__).parents[3] / "shared/data/ofsted/provider_at_march_2025.csv"
ON_THE_LIST = 4009
Trial = subprocess.Popen[bytes]


def start(*options: object) -> Trial:
    command = [sys.executable, "-m", "directory.cli", "demo", "--once", "--json"]
    return subprocess.Popen(
        [*command, *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def outcome(trial: Trial) -> tuple[int, dict[str, Any]]:
    """How it ended, and the one object that it printed."""
    out, _ = trial.communicate(timeout=600)
    assert out.count(b"\n") == 1, out
    return trial.returncode, json.loads(out)


@pytest.fixture(scope="module")
def trials() -> Iterator[Callable[..., Trial]]:
    """Start trials; none is left behind."""
    started: list[Trial] = []

    def begin(*options: object) -> Trial:
        started.append(start(*options))
        return started[-1]

    yield begin
    for trial in started:
        if trial.poll() is None:
            trial.terminate()
            trial.communicate(timeout=60)


@pytest.fixture(scope="module")
def three(trials: Callable[..., Trial]) -> Trial:
    return trials()


@pytest.fixture(scope="module")
def drill(trials: Callable[..., Trial]) -> Trial:
    return trials("--kill", "devon")


@pytest.mark.usefixtures("drill")  # beside each other, they wait at the same time
def test_three_nodes_hold_everything_agree_and_exchange_a_notice(three: Trial) -> None:
    status, said = outcome(three)
    assert (status, said["held"]) == (0, True)
    assert said["homes_per_node"] == {"leeds": 72, "norfolk": 72, "devon": 72}
    assert (said["homes_expected"], said["records_total"]) == (72, 150), (
        "with a profile for each that is described, some statements, and what authorities want"
    )
    assert (said["searches_agree"], said["dead_nodes"]) == (True, [])
    assert (said["receipt_verified"], said["notice_acknowledged"]) == (True, True)
    assert said["examples_made"] is True
    assert "error" not in said


def test_a_node_that_dies_is_reported_and_the_others_go_on_without_it(drill: Trial) -> None:
    status, said = outcome(drill)
    assert (status, said["held"]) == (1, False)
    assert said["dead_nodes"] == ["devon"]
    assert said["homes_expected"] == 72
    assert (said["homes_per_node"]["leeds"], said["homes_per_node"]["norfolk"]) == (48, 48)
    assert said["homes_per_node"]["devon"] < 48
    assert said["notice_acknowledged"] is True, "the living can do without the dead"
    assert said["error"]


@pytest.mark.soak
@pytest.mark.skipif(
    not OFSTED.is_file(), reason=f"Ofsted's list is not here: {'/'.join(OFSTED.parts[-4:])}"
)
def test_nine_regions_share_every_home_in_england(trials: Callable[..., Trial]) -> None:
    status, said = outcome(trials("--regions", "--ofsted", OFSTED))
    assert (status, said["held"]) == (0, True)
    assert said["homes_expected"] == ON_THE_LIST
    assert len(said["homes_per_node"]) == said["nodes"] == 9
    assert set(said["homes_per_node"].values()) == {ON_THE_LIST}
    assert said["records_total"] > ON_THE_LIST, "the organisations that run them, too"
    assert (said["searches_agree"], said["dead_nodes"]) == (True, [])
    assert (said["receipt_verified"], said["notice_acknowledged"]) == (True, True)


def test_a_trial_on_an_address_that_is_taken_starts_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        ran = hearth("demo", "--port", taken, "--data-dir", tmp_path, "--json")
    assert "choose another with --port" in ran.error
    assert list(tmp_path.iterdir()) == []
