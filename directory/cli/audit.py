"""`hearth audit`: who looked at what is confidential, and whether that was rewritten."""

from datetime import UTC, datetime
from pathlib import Path

import click

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.country.authorities.service import Authority
from directory.exports import csv_lines
from directory.security.audit.presenters import HEADINGS, NEXT, cells, why
from directory.security.audit.reading import Noted, read_audit
from directory.security.audit.verifying import verify_audit
from federation import reading, write_private, writing


@click.group()
def audit() -> None:
    """See who looked at what is confidential, and why."""


@audit.command()
@command
def verify(hearth: Hearth) -> None:
    """Check that no row was rewritten or taken away.

    Recomputes the chain of hashes, and compares it with the anchors in this node's own log. Says
    what broke first.
    """
    with (
        hearth.node() as node,
        hearth.err.status("Verifying …"),
        reading(node.node_db) as connection,
    ):
        verdict = verify_audit(connection, node, hearth.who)
    result = {
        "sound": verdict.sound,
        "rows": verdict.rows,
        "anchors": verdict.anchors,
        "anchored_rows": verdict.anchored,
        "row": verdict.row,
    }
    if verdict.problem:
        hearth.fail(result, "The audit is NOT sound.", f"{verdict.problem}. {NEXT}")
    hearth.answer(
        result,
        f"{verdict.rows:,} rows, none rewritten, none missing. The log vouches for those up to "
        f"{verdict.anchored:,}.",
    )


@audit.command("list")
@click.option("--authority", type=AuthorityName(), help="Whose records. [default: the only one]")
@click.option("--node", "of_node", is_flag=True, help="What was done to the node instead.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="First day, such as 2026-01-31 (UTC)."
)
@click.option("--who", "by", default="", help="Part of a name or id.")
@click.option("--csv", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write here.")
@command
def list_(
    hearth: Hearth,
    authority: Authority | None,
    of_node: bool,
    since: datetime | None,
    by: str,
    out: Path | None,
) -> None:
    """List who did what, the newest first.

    With --csv into a file for a spreadsheet. Reading the audit is in the audit as well.
    """
    if out and out.exists():
        raise click.UsageError(f"{out} exists, and is not overwritten. Name another file.")
    with hearth.node() as node, writing(node.node_db) as connection:
        gss = None if of_node else served(node, authority)
        rows = read_audit(
            connection,
            node,
            hearth.who,
            authority=gss,
            since=since and since.replace(tzinfo=UTC),
            by=by,
        )
        if out:
            text = "".join(csv_lines(HEADINGS, map(cells, rows)))
            write_private(out, text.encode("utf-8-sig"))
    if out:
        hearth.answer({"rows": len(rows), "file": str(out)}, f"Wrote {len(rows):,} rows to {out}.")
        return
    hearth.answer(
        {"authority": gss, "rows": rows}, "\n".join(map(_line, rows)) or "Nothing was noted yet."
    )


def _line(one: Noted) -> str:
    parts = [one.action, one.record, one.detail, why(one)]
    said = "  ".join(part for part in parts if part)
    return f"{one.seq}  {one.at:%d %B %Y %H:%M} UTC  {one.who_name} ({one.who})  {said}"
