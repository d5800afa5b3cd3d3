"""The systemd units: systemd finds nothing wrong with them, and leaves little of them open."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.site import DEPLOY, render

ANALYZE = shutil.which("systemd-analyze")
UNITS = ("hearth-web.service", "hearth-worker.service")
# Of 10, by systemd's own count. What is left: they use the network, and no root of their own.
MOST_EXPOSED = 1.5

needs_systemd = pytest.mark.skipif(
    ANALYZE is None, reason="systemd-analyze is not installed (Debian's package systemd has it)"
)


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands_every_line(unit: str, tmp_path: Path) -> None:
    text = render(
        (DEPLOY / unit).read_text("utf-8"),
        {"/opt/commonhearth/venv/bin/hearth": sys.executable, "User=hearth": "User=daemon"},
    )
    (tmp_path / unit).write_text(text, "utf-8")
    checked = analyze("verify", str(tmp_path / unit))
    complaints = [line for line in checked.splitlines() if unit in line]
    assert complaints == []


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_little_is_left_open(unit: str) -> None:
    report = analyze("security", "--offline=true", "--no-pager", str(DEPLOY / unit))
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", report)
    assert found, report
    assert float(found[1]) <= MOST_EXPOSED


def test_both_keep_what_they_write_to_themselves() -> None:
    for unit in UNITS:
        lines = (DEPLOY / unit).read_text("utf-8").splitlines()
        assert {"UMask=0077", "StateDirectoryMode=0700", "NoNewPrivileges=yes"} <= set(lines)


def analyze(*arguments: str) -> str:
    assert ANALYZE
    done = subprocess.run(
        [ANALYZE, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout + done.stderr
