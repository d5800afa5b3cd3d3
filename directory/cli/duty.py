"""`hearth duty`: whom to call at an authority today."""

import click

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.country.authorities.service import Authority
from directory.hosting.duty.service import Duty, list_duties, remove_duty_contact, set_duty_contact
from federation import writing
from protocols.snapshots import DutyContact

_authority = click.option(
    "--authority", type=AuthorityName(), help="Which one. [default: the only one]"
)


@click.group()
def duty() -> None:
    """Say whom to call at an authority today, and see whom."""


@duty.command("set")
@_authority
@click.option("--telephone", required=True, help="As it is dialled.")
@click.option("--hours", required=True, help="When somebody is there.")
@click.option("--email", help="The team's, not a person's.")
@command
def set_(
    hearth: Hearth, authority: Authority | None, telephone: str, hours: str, email: str | None
) -> None:
    """Say whom to call at an authority that this node serves.

    It takes the place of what was said before, of which nothing remains here or with the other
    members. They have it as soon as the node runs.
    """
    with hearth.node() as node, writing(node.node_db) as connection:
        gss = served(node, authority)
        contact = DutyContact(gss, telephone, hours, email)
        number = set_duty_contact(connection, node, hearth.who, contact)
    hearth.answer(
        {"authority": gss, "snapshot": number},
        f"Set. Members get it in snapshot {number}, which the node renews while it runs.",
    )


@duty.command("remove")
@_authority
@command
def remove(hearth: Hearth, authority: Authority | None) -> None:
    """Name nobody for an authority any more."""
    with hearth.node() as node, writing(node.node_db) as connection:
        gss = served(node, authority)
        number = remove_duty_contact(connection, node, hearth.who, gss)
    hearth.answer({"authority": gss, "snapshot": number}, "Removed.")


@duty.command("list")
@command
def list_(hearth: Hearth) -> None:
    """List whom to call, at every authority that says so today."""
    with hearth.node() as node:
        duties = list_duties(node, hearth.who)
    lines = [_line(one) for one in duties.contacts] or ["Nobody has said whom to call today."]
    lines += [f"{name}: its latest was not taken: {why}" for name, why in duties.troubles.items()]
    hearth.answer(duties, "\n".join(lines))


def _line(one: Duty) -> str:
    contact = one.contact
    where = f"{contact.telephone}, {contact.email}" if contact.email else contact.telephone
    return f"{one.authority}: {where} ({contact.hours}; as of {one.issued:%d %B %Y %H:%M} UTC)"
