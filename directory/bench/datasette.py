"""Datasette beside us, as a second opinion on speed: the same rows, in an environment of its own.

It gets what is good for it: an immutable database, an index on each column that is filtered by,
its own full-text search with our tokenizer, no suggestions, and no order but its own, while we
rank, or sort by distance. It is not asked to count by need, which we do: that would take most of
its time, since it makes whole rows distinct for it. https://docs.datasette.io/en/0.65/
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from importlib import resources
from pathlib import Path
from sqlite3 import connect
from urllib.parse import urlencode

import requests

from directory.bench.errors import BenchFailed
from directory.homes.fts5 import match_expression
from directory.homes.narrowing import LEAST_PLACES, Counts
from directory.homes.query import PAGE_SIZE, SearchQuery
from directory.homes.words import read_terms

_REQUIREMENTS = resources.files("directory.bench").joinpath("datasette.txt")
_READY_S = 60
FILE = "homes.db"
_FACETS = ("region", "authority", "provision", "judgement", "places")
_INDEXED = (*_FACETS, "urn")
# Its search takes the rows of a table by their numbers, which begin at 1 and leave none out.
_ROWS = """
CREATE TABLE home AS
SELECT row_number() OVER (ORDER BY home.id) AS id, urn,
       authority, authority_name, region, provision,
       coalesce(overall, 'Not yet inspected') AS judgement, places,
       CASE WHEN needs IS NULL THEN '[]'
         ELSE '["' || replace(trim(needs || ' ' || partly), ' ', '","') || '"]' END AS needs,
       log, entry, published_at, heading, words
FROM replica.home JOIN replica.home_words USING (id) ORDER BY home.id
"""
_TEXT = """
CREATE VIRTUAL TABLE home_fts USING fts5
(heading, words, content="home", content_rowid="id",
 tokenize='porter unicode61 remove_diacritics 2')
"""


def environment(cache: Path) -> Path:
    """The Python of a virtual environment that has Datasette, made in `cache` at its first use.

    Raises BenchFailed.
    """
    wanted = _REQUIREMENTS.read_bytes()
    folder = cache / f"datasette-{sha256(wanted).hexdigest()[:16]}"
    python = folder / "bin" / "python"
    if (folder / "installed").exists():
        return python
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "requirements.txt").write_bytes(wanted)
    pip = (python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r")
    for step in ((sys.executable, "-m", "venv", folder), (*pip, folder / "requirements.txt")):
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BenchFailed(
                "Datasette, which this measures beside, cannot be installed from PyPI into "
                f"{folder}. Go on without it with --no-datasette, or look at: {done.stderr[-500:]}"
            )
    (folder / "installed").touch()
    return python


def copy_rows(replica: Path, target: Path) -> None:
    """The homes that a node knows, as a database for Datasette."""
    with closing(connect(target)) as database:
        database.execute("ATTACH ? AS replica", (str(replica),))
        database.execute(_ROWS)
        database.execute("CREATE UNIQUE INDEX home_id ON home (id)")
        for column in _INDEXED:
            database.execute(f"CREATE INDEX home_{column} ON home ({column})")
        database.execute(_TEXT)
        database.execute("INSERT INTO home_fts (home_fts) VALUES ('rebuild')")
        database.commit()
        database.execute("DETACH replica")
        database.execute("ANALYZE")
        database.execute("VACUUM")


@contextmanager
def serving(python: Path, database: Path, port: int) -> Iterator[None]:
    """Datasette on a database, until left. Raises BenchFailed."""
    log = database.with_suffix(".log")
    settings = {
        "suggest_facets": "off",
        "sql_time_limit_ms": "900000",
        "facet_time_limit_ms": "900000",
        "default_page_size": str(PAGE_SIZE),
        "max_returned_rows": "1000",
        "cache_size_kb": "65536",  # as ours
    }
    told = [part for setting in settings.items() for part in ("--setting", *setting)]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [python, "-m", "datasette", "serve", "-i", database, "--port", str(port), *told],
            stdout=written,
            stderr=written,
        )
    try:
        _wait(process, port, log)
        yield
    finally:
        process.terminate()
        process.wait()


def path_of(query: SearchQuery) -> str:
    """The first page that Datasette has for a search, with the counts that we show beside ours."""
    asked: list[tuple[str, str]] = [
        (f"{name}__exact", value)
        for name in ("region", "authority", "provision", "judgement")
        if (value := getattr(query, name))
    ]
    if query.need:
        asked.append(("needs__arraycontains", query.need))
    if query.min_places:
        asked.append(("places__gte", str(query.min_places)))
    if terms := read_terms(query.words):
        asked += [("_search", match_expression(terms)), ("_searchmode", "raw")]
    asked += [("_facet", facet) for facet in _FACETS]
    asked += [("_facet_size", "max"), ("_nosuggest", "1")]
    asked += [("_shape", "objects"), ("_size", str(PAGE_SIZE))]
    return f"/homes/home.json?{urlencode(asked)}"


def read_counts(body: bytes, query: SearchQuery) -> tuple[int, Counts]:
    """How many homes Datasette found, and how many by each value of those filters that are not in
    force: it counts within a filter, where we leave it out.
    """
    answer = json.loads(body)
    counts: dict[str, dict[str, int]] = {}
    for facet, found in answer["facet_results"].items():
        name = "min_places" if facet == "places" else facet
        if getattr(query, name):
            continue
        by_value = {one["value"]: one["count"] for one in found["results"]}
        if name == "min_places":
            by_value = {
                least: sum(count for value, count in by_value.items() if value >= least)
                for least in LEAST_PLACES
            }
        counts[name] = {str(value): count for value, count in by_value.items() if count}
    return answer["filtered_table_rows_count"], counts


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(requests.RequestException):
            if requests.get(f"http://127.0.0.1:{port}/-/versions.json", timeout=5).ok:
                return
        time.sleep(0.1)
    raise BenchFailed(f"Datasette did not start: {log.read_text('utf-8')[-500:]}")
