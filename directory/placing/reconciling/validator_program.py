"""The program that runs the sector's validator: in the environment where that is installed.

csc-validator-be-903 (MIT) needs an old pandas and numpy, so it never shares an environment with a
node. This file is run there by its path, and imports nothing of the node's. It limits itself, reads
one JSON object from standard input (year, authority, and the tables as CSV text by name) and writes
one to standard output: which rules each row breaks, by the row's place in Episodes from 0, and the
rules' words. Neither has a cell of the return in it.
"""

import contextlib
import json
import logging
import os
import resource
import sys
import warnings
from typing import Any

_MEMORY = 3 << 30  # bytes: pandas, and the postcodes of some letters
_SECONDS = 120  # of the processor's time
_LONGEST = 32 << 20
_FIRST, _LAST = 2023, 2027  # years for which the validator has rules


def check(asked: dict[str, Any]) -> dict[str, Any]:
    """Run the rules of the year that is nearest to the return's."""
    from lac_validator.lac_validator import LacValidator
    from lac_validator.rules.ruleset_utils import get_year_ruleset

    year = str(min(max(asked["year"], _FIRST), _LAST))
    rules = get_year_ruleset(year)
    files = [
        {"name": f"{name}.csv", "description": "This year", "file_content": text.encode()}
        for name, text in asked["tables"].items()
    ]
    about = {"collectionYear": year, "localAuthority": asked["authority"]}
    episodes = LacValidator(about, files, rules).ds_results["Episodes"]
    broken = {
        str(column)[4:]: [int(row) for row in episodes.index[episodes[column].eq(True)]]
        for column in episodes.columns
        if str(column).startswith("ERR_")
    }
    return {
        "year": int(year),
        "rows": broken,
        "words": {code: str(rules[code].message) for code in broken},
    }


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LONGEST, _LONGEST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limit()
    logging.disable(logging.CRITICAL)  # it logs tables
    warnings.simplefilter("ignore")
    with os.fdopen(os.dup(1), "wb") as answer, contextlib.redirect_stdout(sys.stderr):
        answer.write(json.dumps(check(json.load(sys.stdin.buffer))).encode())
