"""`hearth reference check`: whether what the software knows of the country is up to date."""

from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from directory.cli.common import Hearth, command
from directory.country.reference.check import Report, check, codes_in
from directory.country.reference.derive import derive
from directory.country.reference.working_days import london_day
from directory.database import node_metadata, replica_metadata
from federation import NotInitialised, reading


@click.group()
def reference() -> None:
    """Look after authorities, places and bank holidays."""


@reference.command("check")
@command
def check_(hearth: Hearth) -> None:
    """Say what of the reference data is out of date, and what to do.

    Each table says where it comes from, of when it is, and under which licence. The
    authorities in this node's own records are looked up too, if there is a node. Leaves with status
    1 when something needs doing, and says what.
    """
    with hearth.err.status("Deriving the tables of places afresh …"):
        report = check(hearth.data_dir, _held(hearth), london_day(datetime.now(UTC)), derive())
    result = {"tables": [one._asdict() for one in report.tables], "findings": report.findings}
    if report.findings:
        hearth.fail(
            result,
            _told(report),
            f"{len(report.findings)} thing(s) of the reference data need doing.",
        )
    hearth.answer(result, _told(report))


def _held(hearth: Hearth) -> dict[str, set[str]]:
    try:
        with hearth.node() as node:
            held = {"charter": {code for m in node.charter.members for code in m.area}}
            for engine, tables in ((node.node_db, node_metadata), (node.replica, replica_metadata)):
                with reading(engine) as connection:
                    held |= codes_in(connection, tables)
            return held
    except NotInitialised:
        return {}


def _told(report: Report) -> str:
    table = Table("table", "rows", "as at", "source", "licence", box=None)
    for one in report.tables:
        as_at = f"{one.as_at:%d %b %Y}" if one.as_at else ""
        table.add_row(one.table, f"{one.rows:,}", as_at, one.source, one.licence)
    console = Console(width=150)
    with console.capture() as captured:
        console.print(table)
    needs = [f"{one.table}: {one.wrong} {one.do}" for one in report.findings]
    lines = "\n".join(line.rstrip() for line in captured.get().splitlines())
    return "\n".join([lines, "", *(needs or ["Everything is up to date."])])
