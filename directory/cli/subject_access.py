"""`hearth subject-access`: all that an authority holds about one child, into a file."""

from pathlib import Path
from typing import BinaryIO

import click
from msgspec import ValidationError
from msgspec.json import Decoder

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.country.authorities.service import Authority
from directory.privacy.restricting.closing import count_closed
from directory.privacy.subject_access.errors import UnreadableQuestion
from directory.privacy.subject_access.exporting import as_zip, gather_all
from directory.privacy.subject_access.finding import Sought, find
from directory.web.wording import counted
from federation import write_private, writing

_sought = Decoder(Sought)


@click.command("subject-access")
@click.argument("child", type=click.File("rb"))
@click.option("--authority", type=AuthorityName(), help="Whose records. [default: the only one]")
@click.option("--reason", default="", help="Why; kept with your name. Name no child.")
@click.option("--record", "records", multiple=True, help="To be exported; may be said again.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the zip here.")
@command
def subject_access(
    hearth: Hearth,
    child: BinaryIO,
    authority: Authority | None,
    reason: str,
    records: tuple[str, ...],
    out: Path | None,
) -> None:
    """Find what is held about one child, and export it.

    CHILD is a file, or - for standard input, with {"given_name": …, "family_name": …, "born_on":
    "2012-05-17"}, so that no name stands among the processes. Without --out it lists the records;
    --record says which of them are exported.
    """
    if out and out.exists():
        raise click.UsageError(f"{out} exists, and is not overwritten. Name another file.")
    if bool(out) is not bool(records):
        raise click.UsageError("Say both --record and --out, or neither.")
    try:
        sought = _sought.decode(child.read(10_000))
    except (ValidationError, ValueError):
        raise UnreadableQuestion(
            "The file has to be JSON with given_name, family_name and born_on, such as 2012-05-17."
        ) from None
    with hearth.node() as node:
        gss = served(node, authority)
        if not out:
            with writing(node.node_db) as connection:
                found = find(connection, node, hearth.who, gss, sought, reason)
                closed = count_closed(connection, hearth.who, gss)
            result = [
                {"record": one.record.record, "kind": one.record.kind, "agrees": one.agrees}
                for one in found
            ]
            lines = [
                f"{one['record']}  {one['kind']}: {', '.join(one['agrees'])}" for one in result
            ]
            lines = lines or ["Nothing was found."]
            lines += [
                f"{counted(count, 'restricted record')} not looked into: ask {ask} to look there."
                for ask, count in closed.items()
            ]
            hearth.answer(
                {"records": result, "not_looked_into": sum(closed.values())}, "\n".join(lines)
            )
            return
        with writing(node.node_db) as connection:
            gathered = gather_all(connection, node, hearth.who, gss, records, reason)
        write_private(out, as_zip(node, gathered))
    count = len(gathered.said["records"])
    hearth.answer({"file": str(out), "records": count}, f"Wrote {count:,} records to {out}.")
