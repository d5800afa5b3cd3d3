"""Asking the sector's validator about the episodes of some children, where it is installed.

It runs in an environment of its own (setting HEARTH_VALIDATOR), as a process that limits its
time and memory (`validator_program`), with no network configuration, home or environment. What it
says is rules and their words by row; nothing else of its answer is believed.
"""

import csv
import io
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated

import msgspec
from msgspec import Meta, Struct

from directory.country.ssda903.table import open_table
from directory.intake.apart.running import Fell, run_program
from directory.placing.reconciling.errors import NoValidator
from directory.placing.reconciling.told import key

_PROGRAM = Path(__file__).with_name("validator_program.py")
_PATIENCE_S = 180.0
_LONGEST = 32 << 20
_EPISODES = (
    *("CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC"),
    *("REASON_PLACE_CHANGE", "HOME_POST", "PL_POST", "URN"),
)
_HEADER = ("CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB")
_Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_]{1,20}\Z")]


@dataclass(frozen=True, slots=True)
class Validated:
    """What the validator found: codes of the rules that each row breaks, and the rules' words. Or
    `absent`, why it was not asked or did not answer. `year` is the one whose rules it has used.
    """

    rows: dict[int, tuple[str, ...]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    year: int | None = None
    absent: str = ""


class _Answer(Struct, forbid_unknown_fields=True):
    year: int
    rows: dict[_Code, list[int]]
    words: dict[_Code, Annotated[str, Meta(max_length=2_000)]]


_ANSWER = msgspec.json.Decoder(_Answer)


def validate(
    environment: Path | None,
    episodes: IO[bytes],
    header: IO[bytes] | None,
    *,
    children: Collection[str],
    year: int | None,
    authority: str,
) -> Validated:
    """Ask about these children (by `key`). `environment` is the folder of the validator's virtual
    environment. The files are read from their beginning.
    """
    if environment is None:
        return Validated(absent="The sector’s validator is not installed here")
    if not children or year is None:
        return Validated(absent="Nothing was found that it could say more about")
    try:
        numbers, table = _table(episodes, "Episodes", _EPISODES, children)
        tables = {"Episodes": table}
        if header is not None:
            tables["Header"] = _table(header, "Header", _HEADER, children)[1]
        answer = _ask(environment, {"year": year, "authority": authority, "tables": tables})
    except NoValidator as error:
        return Validated(absent=str(error))
    rows: dict[int, list[str]] = {}
    for code, places in sorted(answer.rows.items()):
        for place in places:
            if 0 <= place < len(numbers):
                rows.setdefault(numbers[place], []).append(code)
    return Validated({row: tuple(codes) for row, codes in rows.items()}, answer.words, answer.year)


def _ask(environment: Path, asked: dict[str, object]) -> _Answer:
    program = [str(environment / "bin" / "python"), "-I", "-B", str(_PROGRAM)]
    try:
        said = run_program(program, msgspec.json.encode(asked), _LONGEST, _PATIENCE_S)
        return _ANSWER.decode(said)
    except (OSError, Fell, msgspec.DecodeError):
        raise NoValidator(
            "The sector’s validator could not be run on this return in the time and memory that it "
            "may take, or is not installed where HEARTH_VALIDATOR says"
        ) from None


def _table(
    file: IO[bytes], name: str, columns: Iterable[str], children: Collection[str]
) -> tuple[list[int], str]:
    """The rows of these children with these columns alone, which the validator insists on; and the
    number of each.
    """
    file.seek(0)
    table = open_table(file, name, ("CHILD",))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    places = [table.columns.get(one) for one in columns]
    numbers = []
    for number, cells in table.rows:
        row = ["" if at is None or at >= len(cells) else cells[at].strip() for at in places]
        if key(row[0]) in children:
            writer.writerow([cell.encode("utf-8", "replace").decode() for cell in row])
            numbers.append(number)
    return numbers, text.getvalue()
