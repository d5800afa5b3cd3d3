"""`python -m directory.bench.everything FILE`: run every benchmark and keep what it measured.

Each is its own process, as people run it, one after another. The file holds, beside the figures,
what they were measured on and with; docs/performance.md is filled from it (`directory.bench.page`).
"""

import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from directory.bench.errors import BenchFailed
from directory.bench.machine import this_machine

BENCHES = ("replicate", "search", "notify", "save")


def run_all(options: dict[str, list[str]]) -> dict[str, Any]:
    """The figures of all benches, by name. Raises BenchFailed."""
    measured: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "version": version("commonhearth"),
        "machine": asdict(this_machine()),
    }
    for name in BENCHES:
        answer = _run(name, options.get(name, []))
        answer.pop("machine", None)
        measured[name] = answer
    return measured


def _run(name: str, options: list[str]) -> Any:
    command = [sys.executable, "-m", "directory.cli", "bench", name, "--json", *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise BenchFailed(f"'hearth bench {name}' failed; nothing was kept")
    return msgspec.json.decode(done.stdout)


def write(measured: dict[str, Any], target: Path) -> None:
    """Keep them, readable and with an end of line."""
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(msgspec.json.format(msgspec.json.encode(measured), indent=2) + b"\n")


if __name__ == "__main__":
    write(run_all({}), Path(sys.argv[1]))
