"""`hearth import ofsted`: bring the register of homes up to Ofsted's list."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from directory.cli.common import Hearth, command
from directory.ofsted.reading import read_list
from directory.ofsted.service import import_list
from federation import writing

_SHOWN = 20


@click.group("import")
def import_() -> None:
    """Bring lists into this node."""


@import_.command("ofsted")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@command
def ofsted(hearth: Hearth, file: Path) -> None:
    """Import FILE, Ofsted's list of registered providers (CSV).

    Rows that cannot be used are reported and left out. A file that cannot be used changes nothing.
    """
    with hearth.node() as node:
        with hearth.err.status(f"Reading {file.name} …"):
            listed = read_list(file)
        with writing(node.node_db) as connection:
            result = import_list(
                connection,
                listed,
                file_name=file.name,
                digest=listed.sha256,
                now=datetime.now(UTC),
            )
    for problem in result.problems[:_SHOWN]:
        hearth.err.print(
            f"Line {problem.line}, {problem.column}: {problem.reason} ({problem.value!r})",
            markup=False,
        )
    if (more := len(result.problems) - _SHOWN) > 0:
        hearth.err.print(f"… and {more} more rows that cannot be used; --json lists them all.")
    hearth.answer(
        asdict(result) | {"as_at": listed.as_at},
        f"{file.name}: read {result.read:,} rows, {result.usable:,} usable. "
        f"{result.joined:,} joined, {result.changed:,} changed, {result.unchanged:,} unchanged, "
        f"{result.left:,} left.\nNext: 'hearth publish' publishes the homes in this node's area.",
    )
