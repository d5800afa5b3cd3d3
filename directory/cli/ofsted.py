"""`hearth import ofsted`: bring the register of homes up to Ofsted's list."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

import click

from directory.choosing.changes.noting import note_changes
from directory.cli.common import Hearth, command
from directory.exports import csv_lines
from directory.records.ofsted.errors import ManyWouldClose
from directory.records.ofsted.export import HEADINGS, change_rows
from directory.records.ofsted.reading import Reading
from directory.records.ofsted.registrations import Listed, Problem
from directory.records.ofsted.service import ImportResult, import_list
from directory.records.ofsted.spool import spooled
from directory.records.unredacted.service import keep_unredacted, read_unredacted
from federation import Node, forget_deleted, writing

_SHOWN = 20


@click.group("import")
def import_() -> None:
    """Bring lists into this node."""


@import_.command("ofsted")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Go on although many homes would close.")
@click.option(
    "--as-at",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of a list that does not say it, such as 2019-03-31; without, nobody has left.",
)
@click.option(
    "--changes",
    "to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write who joined, left or changed to this CSV file too.",
)
@command
def ofsted(hearth: Hearth, file: Path, yes: bool, as_at: datetime | None, to: Path | None) -> None:
    """Import FILE, Ofsted's list of registered providers (any year).

    FILE is CSV, XLSX or ODS; its layout and encoding are told by what it says.
    Rows that cannot be used are reported and left out. A file that cannot be used changes nothing.
    When more than one home in twenty would close, you are asked first. The unredacted list that
    authorities receive is recognised, and stays in this node: nothing of it is ever published.
    """
    with hearth.node() as node, hearth.err.status(f"Reading {file.name} …") as status:

        def tell(rows: int) -> None:
            status.update(f"Reading {file.name}: {rows:,} rows …")

        listed = Reading(file, tell, as_at.date() if as_at else None)
        if listed.is_unredacted:
            _keep(hearth, node, file, listed)
            return
        # The file is read to its end before the database is asked for anything.
        with spooled(listed) as ready:
            status.update(f"Bringing the register up to {file.name} …")
            try:
                result = _import(node, file, ready, yes)
            except ManyWouldClose as error:
                if hearth.as_json or not sys.stdin.isatty():
                    raise
                status.stop()
                hearth.err.print(str(error), markup=False)
                if not click.confirm("Close these homes?", default=False, err=True):
                    raise
                result = _import(node, file, ready, many_may_close=True)
    if to:
        with to.open("w", encoding="utf-8-sig", newline="") as table:
            table.writelines(csv_lines(HEADINGS, change_rows(result.changes)))
    _complain(hearth, result.problems)
    day = listed.as_at
    hearth.answer(
        asdict(result) | {"as_at": day, "unredacted": False},
        _told(file.name, result, day),
    )


def _import(node: Node, file: Path, listed: Listed, many_may_close: bool) -> ImportResult:
    now = datetime.now(UTC)
    with writing(node.node_db) as connection:
        result = import_list(
            connection,
            listed,
            file_name=file.name,
            digest=listed.sha256,
            now=now,
            many_may_close=many_may_close,
        )
        note_changes(connection, result, listed.as_at, now)
        return result


def _keep(hearth: Hearth, node: Node, file: Path, listed: Reading) -> None:
    ready = read_unredacted(listed)
    with writing(node.node_db) as connection:
        kept = keep_unredacted(connection, node, hearth.who, ready, datetime.now(UTC))
    forget_deleted(node.node_db)
    _complain(hearth, kept.problems)
    hearth.answer(
        asdict(kept) | {"unredacted": True},
        f"{file.name} is the unredacted list: {kept.usable:,} providers from {kept.read:,} rows "
        "are kept in this node. Nothing of it is published or sent to another node.",
    )


def _complain(hearth: Hearth, problems: Sequence[Problem]) -> None:
    for problem in problems[:_SHOWN]:
        hearth.err.print(
            f"Line {problem.line}, {problem.column}: {problem.reason} ({problem.value!r})",
            markup=False,
        )
    if (more := len(problems) - _SHOWN) > 0:
        hearth.err.print(f"… and {more} more rows that cannot be used; --json lists them all.")


def _told(name: str, result: ImportResult, day: date | None) -> str:
    """The result for people, by kind of provision."""
    changes = result.changes
    as_at = f"as at {day:%d %B %Y}" if day else "of no known day"
    renamed = sum(one.spelling_only for one in changes.owner)
    lines = [
        f"{name}, {as_at}: read {result.read:,} rows, {result.usable:,} usable. "
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
    if result.undated:
        lines.append(
            f"Of {result.undated:,} homes no list has said since when they are registered, so they "
            "are not published. A list of another year may say it."
        )
    if day is None:
        lines.append(
            "The list does not say of which day it is, so nobody was taken to have left. If you "
            "know the day, import it again with --as-at."
        )
    lines.append("Next: 'hearth publish' publishes the homes in this node's area.")
    return "\n".join(lines)
