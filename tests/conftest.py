"""What every test shares: nothing it does leaves this machine, and no verdict rests on speed."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

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

_guard = _load_guard()
_inherited = os.environ.get("PYTHONPATH")
os.environ["PYTHONPATH"] = os.pathsep.join([str(GUARD)] + ([_inherited] if _inherited else []))


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    _guard.LEFT_THE_MACHINE.clear()
    yield
    if _guard.LEFT_THE_MACHINE:
        pytest.fail("The test reached past this machine: " + "; ".join(_guard.LEFT_THE_MACHINE))
