"""`hearth erased`: who has confirmed an erasure by a signed receipt, and who has not."""

from dataclasses import asdict

import click

from directory.cli.common import Hearth, command
from directory.publishing.erased import ErasedEntry, MemberErasure, erased_entries


@click.command()
@click.argument("entry", type=click.IntRange(min=0), required=False)
@command
def erased(hearth: Hearth, entry: int | None) -> None:
    """List who has confirmed an erasure, and who has not.

    ENTRY is an index in this node's log: of an erasure, or of what it destroyed. Without it, all
    erasures are listed. A receipt is signed by the member's node: it says that the member has
    destroyed what it held, and cannot prove it.
    """
    with hearth.node() as node:
        found = erased_entries(node, hearth.who, entry)
    hearth.answer(
        {"erasures": [asdict(one) for one in found]},
        "\n".join(map(_lines, found)) or "This node's log erases nothing.",
    )


def _lines(one: ErasedEntry) -> str:
    confirmed = sum(member.confirmation is not None for member in one.members)
    named = ", ".join(f"{index:,}" for index in one.named)
    lines = [
        f"Entry {one.index:,}, of {one.time:%d %B %Y %H:%M} UTC, erases {named}: confirmed by "
        f"{confirmed} of {len(one.members)} members"
    ]
    return "\n".join(lines + [f"  {member.node}: {_answer(member)}" for member in one.members])


def _answer(member: MemberErasure) -> str:
    if member.confirmation is None:
        return f"not confirmed; {member.why}"
    return (
        f"erased {member.confirmation.erased_at:%d %B %Y %H:%M} UTC, receipt of "
        f"{member.confirmation.received_at:%d %B %Y %H:%M} UTC"
    )
