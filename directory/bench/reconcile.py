"""How long `hearth reconcile ssda903` takes over a large return, and with how much memory.

The return is made up, with real postcodes from all over the country; some of its placements were
told of, by notices that this node has sent. The command runs as a process of its own, as an
officer would call it, and has to find exactly those that were left out. Beside it the same file is
read with Python's csv alone.
"""

import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from directory.bench.errors import BenchFailed
from directory.country.authorities.service import in_nation
from directory.country.reference.errors import LookUpError
from directory.country.reference.postcode_files import columns, letters
from directory.country.reference.postcodes import look_up
from directory.demo.consortium import found, free_ports
from directory.nodes import opened
from directory.notices.sent import send_notice
from directory.security.rights.principal import operator
from federation import Node, writing
from protocols.notices import Child, Contact, Notice, Placement

PLACING = "E10000016"
_POSTCODES = 4_000  # of each first letter
_TITLES = (
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
)
# A process between, so that the memory is that of the command and not of who started it.
_WATCHED = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
command = [sys.executable, "-m", "directory.cli", *sys.argv[1:]]
code = subprocess.run(command, stderr=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([time.perf_counter() - began, used]), file=sys.stderr)
sys.exit(code)
"""
_PERSON = Contact("Sam Sample", "Social worker", "01632 960101")


@dataclass(frozen=True, slots=True)
class Reconciling:
    """What was measured. `peak_rss_mb` is of the whole process, `seconds` from its start to its
    end; `bare_csv_s` is what reading the cells takes without looking at them.
    """

    episodes: int
    placements: int
    out_of_area: int
    notices: int
    missing: int
    seconds: float
    peak_rss_mb: float
    bare_csv_s: float


class _Row(NamedTuple):
    child: str
    began: date
    ended: date | None
    area: str | None
    cells: str


def measure_reconciling(
    folder: Path, episodes: int, notices: int, report: Callable[[str], None]
) -> Reconciling:
    """Measure in an empty folder. Raises BenchFailed where other rows are missing than were left
    out.
    """
    dice = Random("reconcile")  # noqa: S311 - nothing here is a secret
    (site,) = found(folder, {"england": in_nation("England")}, free_ports(1))
    report(f"Making {episodes:,} episodes …")
    rows = list(_rows(dice, episodes))
    file = folder / "episodes.csv"
    file.write_text("\r\n".join([_TITLES, *(one.cells for one in rows)]), "utf-8-sig")
    owed = [number for number, one in enumerate(rows, 2) if _is_owed(one)]
    england = {one.gss for one in in_nation("England")}
    tellable = [number for number in owed if rows[number - 2].area in england]
    told = set(dice.sample(tellable, min(notices, len(tellable) // 2)))
    with ExitStack() as stack:
        node = stack.enter_context(opened(site.folder))
        report(f"Sending {len(told):,} notices …")
        _tell(node, [rows[number - 2] for number in sorted(told)])
    report("Reconciling …")
    seconds, peak, answer = _run(folder, site.folder, file)
    missing = [one["row"] for one in answer["missing"]]
    if missing != [number for number in owed if number not in told]:
        raise BenchFailed("other placements were found missing than had been left out")
    return Reconciling(
        episodes,
        answer["counts"]["placements"],
        answer["counts"]["out_of_area"],
        len(told),
        len(missing),
        round(seconds, 2),
        round(peak, 1),
        _bare(file),
    )


def _rows(dice: Random, count: int) -> Iterator[_Row]:
    """Children with one to four placements each, the last of which may go on."""
    places = [
        (one, _area(one)) for letter in letters() for one in _some(dice, columns(letter).postcodes)
    ]
    made, child = 0, 0
    while made < count:
        child += 1
        began = date(2025, 4, 1) + timedelta(dice.randrange(200))
        moves = dice.randint(1, min(4, count - made))
        for move in range(moves):
            last = move == moves - 1
            ended = None if last and dice.random() < 0.7 else began + timedelta(dice.randint(1, 40))
            postcode, area = dice.choice(places)
            cells = (
                f"{child:06},{began:%d/%m/%Y},{'P' if move else 'S'},C2,N1,"
                f"{dice.choice(('K2', 'K3', 'U4', 'U6', 'S1'))},PR4,"
                f"{f'{ended:%d/%m/%Y}' if ended else ''},X1,,LS1 1UR,{postcode},"
                f"{dice.randint(1_000_000, 9_999_999)}"
            )
            yield _Row(f"{child:06}", began, ended, area, cells)
            began = ended or began
        made += moves


def _some(dice: Random, postcodes: list[str]) -> list[str]:
    return dice.sample(postcodes, min(_POSTCODES, len(postcodes)))


def _area(postcode: str) -> str | None:
    try:
        return look_up(postcode).authority.gss
    except LookUpError:
        return None


def _is_owed(row: _Row) -> bool:
    """Whether another authority has to be told of a placement that goes on."""
    return row.ended is None and row.area not in (None, PLACING)


def _tell(node: Node, rows: list[_Row]) -> None:
    with writing(node.node_db) as connection:
        for one in rows:
            notice = Notice(
                child=Child(one.child, "Robin", "Sample", date(2012, 4, 9)),
                placement=Placement("children's home", "1 Sample Lane", one.began),
                social_worker=_PERSON,
                out_of_hours=_PERSON,
                reviewing_officer=_PERSON,
                legal_status="section 31",
                assessment_of_needs="Needs a steady school.",
                why_most_suitable="Near that school.",
                care_plan="Stays until July.",
            )
            send_notice(
                connection, node, operator("bench"), notice, placing=PLACING, area=str(one.area)
            )


def _run(folder: Path, data: Path, file: Path) -> tuple[float, float, Any]:
    """Seconds, megabytes at the most, and the answer."""
    answer = folder / "answer.json"
    options = ["--authority", PLACING, "--reason", "To measure it", f"--data-dir={data}", "--json"]
    with answer.open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-c", _WATCHED, "reconcile", "ssda903", str(file), *options],
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
        )
    if done.returncode:
        raise BenchFailed("'hearth reconcile ssda903' failed")
    seconds, kilobytes = json.loads(done.stderr.splitlines()[-1])
    return seconds, kilobytes / 1024, json.loads(answer.read_bytes())


def _bare(file: Path) -> float:
    began = time.perf_counter()
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for _ in csv.reader(lines):
            pass
    return round(time.perf_counter() - began, 2)
