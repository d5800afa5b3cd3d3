"""`hearth keys`: the node's keys, new ones beside old ones, and the end of those."""

from dataclasses import asdict
from pathlib import Path

import click
import msgspec

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.country.authorities.service import Authority
from directory.security.audit.service import note
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import destroy_key, draw_key, held_keys, take_authority, writing
from protocols.keys import AUTHORITY_PURPOSES, NODE_PURPOSES, Purpose

_NEW = click.Path(dir_okay=False, path_type=Path)
_DESCRIPTION = "Where to write how the node is to be described in the next charter."
_PURPOSES = [str(purpose) for purpose in (*NODE_PURPOSES, *AUTHORITY_PURPOSES)]


@click.group()
def keys() -> None:
    """Replace the keys of a node and its authorities.

    'rotate' draws a new one; the charter names it ('hearth charter propose --member'), and it is
    used. Later the charter ends the old one ('propose --end-key').
    """


@keys.command("list")
@command
def list_(hearth: Hearth) -> None:
    """List the keys held here, and whether the charter names them."""
    with hearth.node() as node:
        held = [asdict(one) for one in held_keys(node)]
    lines = [f"{one['owner']}  {one['purpose']}  {one['public']}  {one['state']}" for one in held]
    hearth.answer({"keys": held}, "\n".join(lines))


@keys.command()
@click.argument("purpose", type=click.Choice(_PURPOSES))
@click.option("--authority", type=AuthorityName(), help="Whose, for keys of messages.")
@click.option("--out", required=True, type=_NEW, help=_DESCRIPTION)
@command
def rotate(hearth: Hearth, purpose: str, authority: Authority | None, out: Path) -> None:
    """Draw a new key for PURPOSE, beside the one there is.

    It is used from the charter on that names it. Back keys/ up again after this.
    """
    require(hearth.who, Action.RUN_NODE)
    _refuse_existing(out)
    of, gss = Purpose(purpose), None
    with hearth.node() as node, writing(node.node_db) as connection:
        if of in AUTHORITY_PURPOSES:
            gss = served(node, authority)
        elif authority:
            raise click.UsageError(f"A {of} key is the node's own: leave --authority out.")
        whose = f"keys/{gss or node.name}"
        note(connection, node, hearth.who, "draw a new key", record=whose, detail=f"{of} key")
        described = draw_key(node, of, gss)
        new = [one for one in held_keys(node) if one.state == "not yet named"][-1]
        out.write_bytes(msgspec.json.encode(described))
    hearth.answer(
        {"key": asdict(new), "description": str(out)},
        f"New {of} key: {new.public}. Back up keys/ now.\n"
        f"Next: give {out} to whoever drafts the next charter, 'hearth charter propose --member'.",
    )


@keys.command()
@click.option("--authority", type=AuthorityName(), required=True, help="Whom to serve.")
@click.option("--out", required=True, type=_NEW, help=_DESCRIPTION)
@command
def take(hearth: Hearth, authority: Authority, out: Path) -> None:
    """Draw keys for an authority that this node is to serve.

    Another node may serve it until the charter changes. Back keys/ up again after this.
    """
    require(hearth.who, Action.RUN_NODE)
    _refuse_existing(out)
    whose = f"keys/{authority.gss}"
    with hearth.node() as node, writing(node.node_db) as connection:
        note(connection, node, hearth.who, "draw keys for an authority", record=whose)
        out.write_bytes(msgspec.json.encode(take_authority(node, authority.gss, authority.name)))
    hearth.answer(
        {"authority": authority.gss, "description": str(out)},
        f"Drew keys for {authority.name}. Back up keys/ now.\n"
        f"Next: give {out} to whoever drafts the next charter, 'hearth charter propose --member'; "
        "start this node again when it has been adopted.",
    )


@keys.command()
@click.argument("key")
@click.option("--yes", is_flag=True, help="Do not ask.")
@command
def destroy(hearth: Hearth, key: str, yes: bool) -> None:
    """Destroy a key that the charter names no longer.

    KEY begins its public half. Nothing that was sealed to it opens after this; what has arrived is
    not touched.
    """
    require(hearth.who, Action.RUN_NODE)
    if not yes:
        click.confirm(f"Destroy the key {key}… for good?", abort=True, err=True)
    with hearth.node() as node, writing(node.node_db) as connection:
        note(connection, node, hearth.who, "destroy a key", record=f"key/{key}")
        gone = destroy_key(node, key)
    hearth.answer(
        {"key": asdict(gone)},
        f"Destroyed the {gone.purpose} key {gone.public} of {gone.owner}. Back up keys/ again, and "
        "destroy its copies in older backups of them.",
    )


def _refuse_existing(out: Path) -> None:
    if out.exists():
        raise click.UsageError(f"{out} exists, and is not overwritten. Name another file.")
