"""`hearth commissioning`: what authorities want, and saying so for one of this node's."""

from dataclasses import asdict
from pathlib import Path

import click
from msgspec.json import Decoder

from directory.choosing.commissioning.labels import need_name
from directory.choosing.commissioning.service import Wanted, all_wanted, closing, demand, upcoming
from directory.cli.common import AuthorityName, Hearth, command
from directory.cli.publish import read_record
from directory.country.authorities.service import Authority
from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.records.release.service import hand_in
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import publish_log, reading, writing
from protocols.commissioning import Commissioning, Office
from protocols.encoding import decode_json

_COMMISSIONING = Decoder(Commissioning)


@click.group()
def commissioning() -> None:
    """See what authorities want, and say it for yours."""


@commissioning.command("list")
@click.option("--authority", type=AuthorityName(), help="Of this one alone.")
@command
def list_(hearth: Hearth, authority: Authority | None) -> None:
    """List what authorities want: contacts, frameworks, plans, demand."""
    require(hearth.who, Action.FIND_HOMES)
    with hearth.node() as node:
        today = london_day(node.now())
        with reading(node.replica) as connection:
            wanted = all_wanted(connection, node)
    wanted = [one for one in wanted if authority is None or one.record.authority == authority.gss]
    dates, plans, totals = closing(wanted, today), upcoming(wanted, today), demand(wanted)
    lines = [line for one in wanted for line in _lines(one)]
    lines += [
        f"{one.authority_name}: {one.framework.name} closes on {day(one.closes)}" for one in dates
    ]
    lines += [f"{one.authority_name}: {one.planned.what}, {day(one.planned.on)}" for one in plans]
    lines += [
        f"{need_name(one.need)}, {one.region}: {one.children:,} children"
        + (f", and fewer than five in each of {one.few}" if one.few else "")
        for one in totals
    ]
    hearth.answer(
        {"authorities": wanted, "closing": dates, "planned": plans, "demand": totals},
        "\n".join(lines) or "No authority has said yet what it wants.",
    )


@commissioning.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@command
def publish(hearth: Hearth, file: Path) -> None:
    """Say what an authority of this node wants.

    FILE is JSON as in commissioning/1. Words that are new wait until somebody else has released
    them: 'hearth releases', or the page 'Waiting for release'.
    """
    record = decode_json(read_record(file), _COMMISSIONING, file.name)
    with hearth.node() as node:
        with writing(node.node_db) as connection:
            done = hand_in(connection, node, hearth.who, [record])
        publish_log(node)
    said = "Nothing has changed since it was published."
    if done.waiting:
        said = "It waits until somebody else has released it: 'hearth releases'."
    elif done.published:
        said = "Published."
    hearth.answer(asdict(done), said)


def _lines(one: Wanted) -> list[str]:
    record = one.record
    return [
        f"{one.authority_name}, as at {day(record.as_at)}, vouched for by {one.node}",
        f"  referrals  {_office(record.referrals)}",
        f"  notices    {_office(record.notices)}",
        *([f"  statement  {record.statement.address}"] if record.statement else []),
    ]


def _office(one: Office) -> str:
    return ", ".join(filter(None, (one.name, one.email, one.telephone)))
