"""`hearth where`: where a home is, from the unredacted list."""

import click

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.country.authorities.service import Authority
from directory.records.unredacted.service import unredacted_facts
from federation import writing


@click.command()
@click.argument("urn")
@click.option("--authority", type=AuthorityName(), help="For whom. [default: the only one]")
@click.option("--reason", default="", help="Why you look; kept with your name.")
@command
def where(hearth: Hearth, urn: str, authority: Authority | None, reason: str) -> None:
    """Show what the unredacted list says of a home.

    URN is its registration. The list has to be imported first; it says where children live, so each
    look needs a --reason and is in the audit.
    """
    with hearth.node() as node, writing(node.node_db) as connection:
        facts = unredacted_facts(
            connection,
            node,
            hearth.who,
            urn.upper(),
            authority=served(node, authority),
            reason=reason,
        )
    hearth.answer(
        {"urn": urn.upper(), "facts": facts},
        "\n".join(f"{heading}: {text}" for heading, text in facts.items()),
    )
