"""`hearth hold`: legal holds, which stop every destruction of what they are on."""

from dataclasses import asdict

import click

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.country.authorities.service import Authority
from directory.privacy.retention.holds import Hold, lift_hold, list_holds, set_hold
from federation import reading, writing

_authority = click.option(
    "--authority", type=AuthorityName(), help="Whose records. [default: the only one]"
)
_reason = click.option("--reason", default="", help="Why; kept with your name. Name no child.")


@click.group()
def hold() -> None:
    """Keep records from being destroyed, for an inquiry, say."""


@hold.command("set")
@click.argument("record", required=False)
@_authority
@_reason
@command
def set_(hearth: Hearth, record: str | None, authority: Authority | None, reason: str) -> None:
    """Keep a record, or all that an authority holds.

    RECORD is notice/ and the id of a notice; without it, everything is held.
    """
    with hearth.node() as node, writing(node.node_db) as connection:
        gss = served(node, authority)
        number = set_hold(connection, node, hearth.who, authority=gss, record=record, reason=reason)
    hearth.answer({"hold": number}, f"Hold {number}: nothing of {record or gss} is destroyed.")


@hold.command()
@click.argument("number")
@_authority
@_reason
@command
def lift(hearth: Hearth, number: str, authority: Authority | None, reason: str) -> None:
    """Lift a hold, by its number."""
    with hearth.node() as node, writing(node.node_db) as connection:
        gss = served(node, authority)
        lift_hold(connection, node, hearth.who, authority=gss, hold=number, reason=reason)
    hearth.answer({"lifted": number}, f"Lifted {number}: what is due is destroyed again.")


@hold.command("list")
@_authority
@command
def list_(hearth: Hearth, authority: Authority | None) -> None:
    """List the holds of an authority."""
    with hearth.node() as node, reading(node.node_db) as connection:
        found = list_holds(connection, node, hearth.who, served(node, authority))
    hearth.answer(
        {"holds": [asdict(one) for one in found]},
        "\n".join(map(_line, found)) or "There is no hold.",
    )


def _line(one: Hold) -> str:
    said = f"{one.id}  {one.record or 'all records'}  {one.set_by}, {one.set_at:%d %B %Y}: "
    said += one.reason or "(destroyed)"
    if one.lifted_at:
        said += f"  lifted by {one.lifted_by}, {one.lifted_at:%d %B %Y}"
    return said
