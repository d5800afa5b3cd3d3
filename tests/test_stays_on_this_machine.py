"""The guard that keeps tests on this machine works, also in processes that tests start."""

import socket
import subprocess
import sys
from types import ModuleType

import pytest

from tests import conftest

ELSEWHERE = "192.0.2.1"  # RFC 5737: for documentation, belongs to nobody


@pytest.fixture
def guard() -> ModuleType:
    return conftest._guard


def test_a_connection_elsewhere_is_refused_and_remembered(guard: ModuleType) -> None:
    with socket.socket() as stranger, pytest.raises(RuntimeError, match="this machine only"):
        stranger.connect((ELSEWHERE, 80))
    assert guard.LEFT_THE_MACHINE == [f"socket.connect to '{ELSEWHERE}'"]
    guard.LEFT_THE_MACHINE.clear()


def test_a_name_elsewhere_is_not_even_looked_up(guard: ModuleType) -> None:
    with pytest.raises(RuntimeError, match="this machine only"):
        socket.getaddrinfo("example.org", 443)
    guard.LEFT_THE_MACHINE.clear()


def test_a_process_that_a_test_starts_is_held_too() -> None:
    dial = f"import socket; socket.socket().connect(('{ELSEWHERE}', 80))"
    ended = subprocess.run([sys.executable, "-c", dial], capture_output=True, text=True)
    assert "LeftTheMachineError" in ended.stderr


def test_this_machine_is_within_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port)) as client:
            assert client.getpeername() == ("127.0.0.1", port)
