"""`python -m directory.bench.everything FILE [NAME …]`: run the benchmarks and keep what they say.

Each is its own process, as people run it, one after another, and is kept as soon as it is done: so
one can be run again alone. Beside its figures stands what they were measured on and with.
docs/performance.md is filled from the file (`directory.bench.page`).
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from directory.bench.errors import BenchFailed
from directory.bench.machine import this_machine

BENCHES: dict[str, tuple[str, ...]] = {
    "replicate": ("replicate",),
    "million": ("replicate", "--records", "1000000", "--no-postgresql"),
    "search": ("search",),
    "search_million": ("search", "--homes", "1000000", "--queries", "150", "--no-datasette"),
    "match": ("match",),
    "notify": ("notify",),
    "inbox": ("inbox",),
    "reconcile": ("reconcile",),
    "save": ("save",),
    "federation": ("federation",),
}
"""What `hearth bench` is told for each."""


def run_all(target: Path, names: Sequence[str] = tuple(BENCHES)) -> None:
    """Run some benches; keep the figures of each in the file. Raises BenchFailed."""
    kept: dict[str, Any] = msgspec.json.decode(target.read_bytes()) if target.exists() else {}
    target.parent.mkdir(exist_ok=True)
    for name in names:
        kept[name] = {
            "date": datetime.now(UTC).date().isoformat(),
            "version": version("commonhearth"),
            "machine": asdict(this_machine()),
            "figures": _run(name),
        }
        target.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n")


def _run(name: str) -> Any:
    command = [sys.executable, "-m", "directory.cli", "bench", *BENCHES[name], "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        said = done.stdout.decode(errors="replace")
        raise BenchFailed(f"'hearth bench {name}' failed, and its figures are as before: {said}")
    answer = msgspec.json.decode(done.stdout)
    return {part: figures for part, figures in answer.items() if part != "machine"}


if __name__ == "__main__":
    run_all(Path(sys.argv[1]), sys.argv[2:] or tuple(BENCHES))
