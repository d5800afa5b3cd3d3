"""`hearth erase`: destroy what a notice says, for good."""

import sys

import click

from directory.authorities.service import Authority
from directory.cli.common import AuthorityName, Hearth, command, served
from directory.notices.erasing import erase_notice
from federation import forget_deleted, writing


@click.command()
@click.argument("notice", metavar="ID")
@click.option("--authority", type=AuthorityName(), help="Whose. [default: the only one]")
@click.option("--reason", default="", help="Why; kept with your name.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@command
def erase(hearth: Hearth, notice: str, authority: Authority | None, reason: str, yes: bool) -> None:
    """Destroy what a notice says, for good.

    ID is of a notice that was sent or received. Its key is deleted, here and, when one is restored,
    in every backup; nothing can bring it back. Check first that nothing obliges you to keep it:
    records of looked-after children are kept for 75 years from birth.
    """
    if not yes and not hearth.as_json and sys.stdin.isatty():
        click.confirm(f"Destroy the notice {notice} for good?", abort=True, err=True)
    elif not yes:
        raise click.UsageError("Nothing was destroyed. Say --yes to destroy it for good.")
    with hearth.node() as node:
        with writing(node.node_db) as connection:
            erase_notice(
                connection,
                node,
                hearth.who,
                authority=served(node, authority),
                notice=notice,
                reason=reason,
            )
        forget_deleted(node.node_db)
    hearth.answer(
        {"erased": notice},
        f"Destroyed the notice {notice}.\n"
        f"Next: back up {hearth.data_dir / 'keys'}, so that a restore knows of it, too.",
    )
