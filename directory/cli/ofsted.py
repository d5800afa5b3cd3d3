"""`hearth import ofsted`: bring the register of homes up to Ofsted's list."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from directory.cli.common import Hearth, command
from directory.ofsted.errors import ManyWouldClose
from directory.ofsted.reading import Reading
from directory.ofsted.registrations import Problem
from directory.ofsted.service import ImportResult, import_list
from directory.unredacted.service import keep_unredacted
from federation import Node, forget_deleted, writing

_SHOWN = 20


@click.group("import")
def import_() -> None:
    """Bring lists into this node."""


@import_.command("ofsted")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Go on although many homes would close.")
@command
def ofsted(hearth: Hearth, file: Path, yes: bool) -> None:
    """Import FILE, Ofsted's list of registered providers (any year).

    FILE is CSV, XLSX or ODS; its layout and encoding are told by what it says.
    Rows that cannot be used are reported and left out. A file that cannot be used changes nothing.
    When more than one home in twenty would close, you are asked first. The unredacted list that
    authorities receive is recognised, and stays in this node: nothing of it is ever published.
    """
    with hearth.node() as node:
        try:
            _import(hearth, node, file, yes)
        except ManyWouldClose as error:
            if hearth.as_json or not sys.stdin.isatty():
                raise
            hearth.err.print(str(error), markup=False)
            if not click.confirm("Close these homes?", default=False, err=True):
                raise
            _import(hearth, node, file, many_may_close=True)


def _import(hearth: Hearth, node: Node, file: Path, many_may_close: bool) -> None:
    with hearth.err.status(f"Reading {file.name} …") as status:

        def tell(rows: int) -> None:
            status.update(f"Reading {file.name}: {rows:,} rows …")

        listed = Reading(file, tell)
        if listed.is_unredacted:
            with writing(node.node_db) as connection:
                kept = keep_unredacted(connection, node, hearth.who, listed, datetime.now(UTC))
            forget_deleted(node.node_db)
            _complain(hearth, kept.problems)
            hearth.answer(
                asdict(kept) | {"unredacted": True},
                f"{file.name} is the unredacted list: {kept.usable:,} of {kept.read:,} rows are "
                "kept in this node. Nothing of it is published or sent to another node.",
            )
            return
        with writing(node.node_db) as connection:
            result = import_list(
                connection,
                listed,
                file_name=file.name,
                digest=listed.sha256,
                now=datetime.now(UTC),
                many_may_close=many_may_close,
            )
    _complain(hearth, result.problems)
    as_at = listed.as_at
    hearth.answer(
        asdict(result) | {"as_at": as_at, "unredacted": False},
        _told(file.name, result, f"as at {as_at:%d %B %Y}" if as_at else "of no known day"),
    )


def _complain(hearth: Hearth, problems: Sequence[Problem]) -> None:
    for problem in problems[:_SHOWN]:
        hearth.err.print(
            f"Line {problem.line}, {problem.column}: {problem.reason} ({problem.value!r})",
            markup=False,
        )
    if (more := len(problems) - _SHOWN) > 0:
        hearth.err.print(f"… and {more} more rows that cannot be used; --json lists them all.")


def _told(name: str, result: ImportResult, day: str) -> str:
    """The result for people, by kind of provision."""
    changes = result.changes
    renamed = sum(one.spelling_only for one in changes.owner)
    lines = [
        f"{name}, {day}: read {result.read:,} rows, {result.usable:,} usable. "
        f"{result.joined:,} joined, {result.changed:,} changed, {result.unchanged:,} unchanged, "
        f"{result.left:,} left.",
        *(
            f"  {kind}: {one.joined:,} joined, {one.changed:,} changed, {one.unchanged:,} "
            f"unchanged, {one.left:,} left."
            for kind, one in result.by_provision_type.items()
        ),
    ]
    if result.changed:
        lines.append(
            f"Of the changed, {len(changes.moves):,} moved to another authority, "
            f"{len(changes.owner) - renamed:,} have another owner ({renamed:,} more only spelt "
            f"otherwise), {len(changes.places):,} another number of places, "
            f"{len(changes.judgement):,} another judgement. --json lists each."
        )
    if result.silent:
        silent = ", ".join(result.silent)
        lines.append(f"This list has no column for: {silent}. What was known of them stays.")
    lines.append("Next: 'hearth publish' publishes the homes in this node's area.")
    return "\n".join(lines)
