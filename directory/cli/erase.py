"""`hearth erase`: destroy a published record everywhere, or what a notice says, for good."""

import sys

import click

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.country.authorities.service import Authority
from directory.notices.erasing import erase_notice
from directory.records.publishing.withdrawing import erase_record
from federation import (
    FederationError,
    Node,
    finish_erasure,
    forget_deleted,
    publish_log,
    writing,
)
from protocols.errors import ProtocolError

_IN_USE = (
    "\nSomething still reads the database as it was before, so bytes of it lie in the files until "
    "the worker, 'hearth run', has rewritten them."
)


@click.command()
@click.argument("what", metavar="RECORD|ID")
@click.option("--authority", type=AuthorityName(), help="Whose notice. [default: the only one]")
@click.option("--reason", default="", help="Why; kept with your name.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@command
def erase(hearth: Hearth, what: str, authority: Authority | None, reason: str, yes: bool) -> None:
    """Destroy a record, or what a notice says, for good.

    RECORD is home/URN or provider/NAME. Every version of it is destroyed here at once, and every
    member does the same when the log tells it; 'hearth erased' says who has confirmed it. The log
    still verifies.

    ID is of a notice that was sent or received. Its key is deleted, here and, when one is restored,
    in every backup; nothing can bring it back. Check first that nothing obliges you to keep it:
    records of looked-after children are kept for 75 years from birth.
    """
    kind = what if "/" in what else f"the notice {what}"
    if not yes and not hearth.as_json and sys.stdin.isatty():
        click.confirm(f"Destroy {kind} for good?", abort=True, err=True)
    elif not yes:
        raise click.UsageError("Nothing was destroyed. Say --yes to destroy it for good.")
    with hearth.node() as node:
        if "/" in what:
            _erase_record(hearth, node, what, reason)
        else:
            _erase_notice(hearth, node, what, served(node, authority), reason)


def _erase_record(hearth: Hearth, node: Node, record: str, reason: str) -> None:
    with writing(node.node_db) as connection:
        named = erase_record(connection, node, hearth.who, record, reason)
    forgotten = finish_erasure(node, named)
    blocked = ""
    try:
        publish_log(node)
    except (FederationError, ProtocolError) as error:
        blocked = str(error)
    kept = sorted(one.name for one in node.folder.glob("before_*"))
    said = [
        f"Destroyed {record}: {len(named):,} published versions, and what waited for release. What "
        "was published is not published again until 'hearth publish --again' says so."
    ]
    if blocked:
        said.append(
            f"The other members are told when this node signs again, which it cannot now: {blocked}"
        )
    if kept:
        said.append(f"Put aside by an earlier restore, and not looked into: {', '.join(kept)}.")
    said.append(
        "Next: 'hearth erased' lists who has confirmed it. Back up the node and "
        f"{hearth.data_dir / 'keys'}, so that a restore knows of it, and throw older backups away "
        "when you can."
    )
    hearth.answer(
        {
            "erased": record,
            "entries": named,
            "forgotten": forgotten,
            "published": not blocked,
            "problem": blocked or None,
            "put_aside": kept,
        },
        "\n".join(said) + ("" if forgotten else _IN_USE),
    )


def _erase_notice(hearth: Hearth, node: Node, notice: str, authority: str, reason: str) -> None:
    with writing(node.node_db) as connection:
        erase_notice(
            connection, node, hearth.who, authority=authority, notice=notice, reason=reason
        )
    forgotten = forget_deleted(node.node_db)
    hearth.answer(
        {"erased": notice},
        f"Destroyed the notice {notice}.\n"
        f"Next: back up {hearth.data_dir / 'keys'}, so that a restore knows of it, too."
        + ("" if forgotten else _IN_USE),
    )
