"""`python -m directory.bench.page FIGURES PAGE`: put the figures of the benches into a page.

Figures stand between `<!-- figures: NAME -->` and `<!-- end -->`, and nowhere else on it; a test
holds the page to the figures.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from directory.bench import cost

_BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
PAPER = "paper"
"""The block that is calculated, and not measured."""
_ON_PAPER = (9, 50, 218, 10_000)
_OF_A_SIZE = (
    *("queries", "p50_ms", "p95_ms", "first_ms", "http_p50_ms", "http_p95_ms"),
    *("http_requests_per_s", "page_p50_ms", "page_p95_ms", "page_requests_per_s"),
    *("page_largest_bytes", "datasette_requests_per_s", "datasette_ratio"),
    *("datasette_queries", "datasette_p95_ms"),
)


def filled(page: str, kept: Mapping[str, Any]) -> str:
    """The page with every block of figures as they are now."""
    return _BLOCK.sub(lambda found: f"{found[1]}{_block(found[2], kept)}{found[3]}", page)


def _block(name: str, kept: Mapping[str, Any]) -> str:
    if name == PAPER:
        return _paper()
    if name not in kept:
        return "Not measured yet.\n"
    return f"{_TABLES[name](kept[name]['figures'])}\n{_measured_on(kept[name])}"


def _measured_on(kept: Mapping[str, Any]) -> str:
    machine, on = kept["machine"], date.fromisoformat(kept["date"])
    return (
        f"Version {kept['version']}, {on.day} {on:%B %Y}: {machine['processor']}, "
        f"{machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}, SQLite {machine['sqlite']}; "
        f"load {machine['load']} in the minute before.\n"
    )


def _search(figures: Mapping[str, Any]) -> str:
    sizes = figures["results"]
    rows = [[f"`{name}`", *(one[name] for one in sizes)] for name in _OF_A_SIZE]
    rows += [
        [f"{kind}: p50 / p95, ms", *(_both(one["kinds"][kind]) for one in sizes)]
        for kind in sizes[0]["kinds"]
    ]
    return _table(["", *(f"{one['homes']:,} homes" for one in sizes)], rows)


def _replicate(figures: Mapping[str, Any]) -> str:
    databases = [one for one in (figures, figures.get("postgresql")) if one]
    names = [name for name, value in figures.items() if isinstance(value, int | float)]
    rows = [[f"`{name}`", *(one[name] for one in databases)] for name in names]
    if short := figures.get("short_log"):
        rows += [
            [f"`{name}` after {short['records']} records", short[name]]
            for name in short
            if name != "records"
        ]
    return _table(["", *(one.get("database", "") for one in databases)], rows)


def _save(figures: Mapping[str, Any]) -> str:
    databases = figures["results"]
    names = [name for name in databases[0] if name != "database"]
    rows = [[f"`{name}`", *(one[name] for one in databases)] for name in names]
    return _table(["", *(one["database"] for one in databases)], rows)


def _by(what: str) -> Callable[[Mapping[str, Any]], str]:
    """A column for each number of something."""

    def table(figures: Mapping[str, Any]) -> str:
        sizes = figures["results"]
        rows = [[f"`{name}`", *(one[name] for one in sizes)] for name in sizes[0] if name != what]
        return _table(["", *(f"{one[what]:,} {what}" for one in sizes)], rows)

    return table


def _paper() -> str:
    rows = [
        [
            nodes,
            cost.pairs(nodes),
            cost.ONCE * nodes**2,
            cost.idle_an_hour(nodes),
            round(cost.idle_an_hour(nodes) / nodes),
            cost.one_publishing(nodes),
        ]
        for nodes in _ON_PAPER
    ]
    heading = ("nodes", "pairs", "until all is everywhere, bundles and safety net apart, at most")
    idle = ("idle, an hour, in all", "at each node", "for one publishing, in all, at most")
    return _table([*heading, *idle], rows)


def _one(figures: Mapping[str, Any]) -> str:
    return _table(["", ""], [[f"`{name}`", value] for name, value in figures.items()])


_TABLES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "replicate": _replicate,
    "million": _replicate,
    "search": _search,
    "search_million": _search,
    "match": _by("homes"),
    "notify": _one,
    "inbox": _one,
    "reconcile": _one,
    "save": _save,
    "federation": _by("nodes"),
}


def _both(times: Mapping[str, float]) -> str:
    return f"{_shown(times['p50_ms'])} / {_shown(times['p95_ms'])}"


def _table(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    width = len(heading)
    filled_up = [[*row, *[""] * (width - len(row))] for row in rows]
    lines = [heading, ["---", *["---:"] * (width - 1)], *filled_up]
    return "".join(f"| {' | '.join(map(_shown, line))} |\n" for line in lines)


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    latest = msgspec.json.decode(source.read_bytes())
    target.write_text(filled(target.read_text("utf-8"), latest), "utf-8")
