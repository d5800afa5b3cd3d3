"""`hearth releases`: what waits for a second person, and that person's release or return of it."""

import click

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.country.authorities.service import Authority
from directory.records.publishing.service import reference_of
from directory.records.release.held import Held, held_records
from directory.records.release.service import record_name, release, return_record
from federation import publish_log, reading, writing


@click.command()
@click.option("--authority", type=AuthorityName(), help="Whose. [default: the only one]")
@click.option("--release", "released", metavar="ID", help="Publish this one.")
@click.option("--return", "returned", metavar="ID", help="Give this one back, with a --reason.")
@click.option("--reason", default="", help="Why it is returned; kept with your name.")
@command
def releases(
    hearth: Hearth,
    authority: Authority | None,
    released: str | None,
    returned: str | None,
    reason: str,
) -> None:
    """List what waits for release, release it, or return it.

    A record whose words are new waits here until somebody else than who handed it in has read them.
    """
    if released and returned:
        raise click.UsageError("Release one or return one, not both at once.")
    with hearth.node() as node:
        gss = served(node, authority)
        if released:
            with writing(node.node_db) as connection:
                record = release(connection, node, hearth.who, gss, released)
            entries = publish_log(node)
            hearth.answer(
                {"released": record_name(record), "entries": entries},
                f"Released {record_name(record)}.",
            )
            return
        if returned:
            with writing(node.node_db) as connection:
                return_record(connection, node, hearth.who, gss, returned, reason)
            hearth.answer({"returned": returned}, "Returned it to who handed it in.")
            return
        with reading(node.node_db) as connection:
            held = held_records(connection, node, hearth.who, gss)
    hearth.answer({"releases": held}, "\n".join(map(_lines, held)) or "Nothing waits for release.")


def _lines(one: Held) -> str:
    lines = [
        f"{one.id}  {reference_of(one.record)}, handed in by {one.handed_in_name} "
        f"{one.handed_in_at:%d %B %Y %H:%M} UTC"
    ]
    if one.returned_at:
        lines.append(f"  returned by {one.returned_by}: {one.reason}")
    for change in one.changes:
        lines += [f"  {change.place}", f"    now   {change.before or 'nothing'}"]
        lines.append(f"    then  {change.after}")
    return "\n".join(lines)
