"""`hearth systems`: an authority's own systems, which use the API."""

import click

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.country.authorities.service import Authority, authority_name
from directory.providers.vouching.staff import as_known
from directory.security.rights.roles import Scope
from directory.security.systems.service import System, register, revoke
from directory.security.systems.service import systems as registered
from federation import reading, writing

_authority = click.option(
    "--authority", type=AuthorityName(), help="Whose systems. [default: the only one]"
)


@click.group()
def systems() -> None:
    """Let an authority's systems use the API; list, revoke them."""


@systems.command("register")
@click.argument("name")
@_authority
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([str(scope) for scope in Scope]),
    help="What it may do; may be given several times.",
)
@click.option("--provider", help="Of a provider whose staff the authority invited: its name.")
@command
def register_(
    hearth: Hearth,
    name: str,
    authority: Authority | None,
    scopes: tuple[str, ...],
    provider: str | None,
) -> None:
    """Register a system under a NAME that people know it by.

    Prints its id and its secret, with which it gets tokens. The secret is shown this once: this
    node keeps only a digest of it.
    """
    with hearth.node() as node, writing(node.node_db) as connection:
        gss = served(node, authority)
        client, secret = register(
            connection,
            node,
            hearth.who,
            authority=gss,
            name=name,
            scopes=[Scope(scope) for scope in scopes],
            provider=provider and as_known(connection, gss, provider),
        )
    hearth.answer(
        {"authority": gss, "id": client, "secret": secret, "scopes": sorted(scopes)},
        f"Registered {name} of {authority_name(gss)}.\n"
        f"id      {client}\n"
        f"secret  {secret}\n"
        "Next: put both into that system now; the secret is not shown again.",
    )


@systems.command("list")
@_authority
@command
def list_(hearth: Hearth, authority: Authority | None) -> None:
    """List the systems of an authority, the revoked ones too."""
    with hearth.node() as node, reading(node.node_db) as connection:
        gss = served(node, authority)
        found = registered(connection, hearth.who, gss)
    hearth.answer(
        {"authority": gss, "systems": found},
        "\n".join(map(_line, found)) or f"{authority_name(gss)} has no systems yet.",
    )


@systems.command("revoke")
@click.argument("client", metavar="ID")
@_authority
@command
def revoke_(hearth: Hearth, client: str, authority: Authority | None) -> None:
    """Revoke a system by its ID: its tokens end at once."""
    with hearth.node() as node, writing(node.node_db) as connection:
        gss = served(node, authority)
        revoke(connection, node, hearth.who, authority=gss, client=client)
    hearth.answer({"authority": gss, "revoked": client}, f"Revoked the system {client}.")


def _line(one: System) -> str:
    state = f"revoked {one.revoked_at:%d %B %Y}" if one.revoked_at else "in use"
    whose = f"  of {one.provider}" if one.provider else ""
    return f"{one.id}  {one.name}{whose}  {one.scopes}  {state}"
