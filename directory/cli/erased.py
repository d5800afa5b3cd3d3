"""`hearth erased`: who has confirmed an erasure by a signed receipt, and who has not."""

from dataclasses import asdict
from datetime import datetime

import click
from msgspec import to_builtins

from directory.cli.common import Hearth, command
from directory.records.publishing.erased import (
    ErasedByCharter,
    ErasedEntry,
    MemberErasure,
    charter_erasures,
    erased_entries,
)


@click.command()
@click.argument("entry", type=click.IntRange(min=0), required=False)
@command
def erased(hearth: Hearth, entry: int | None) -> None:
    """List who has confirmed an erasure, and who has not.

    ENTRY is an index in this node's log: of an erasure, or of what it destroyed. Without it, all
    erasures are listed. A receipt is signed by the member's node: it says that the member has
    destroyed what it held, and cannot prove it. So is what the charter erases, of whatever log.
    """
    with hearth.node() as node:
        found = erased_entries(node, hearth.who, entry)
        by_charter = [] if entry is not None else charter_erasures(node, hearth.who)
    lines = [*map(_of_log, found), *map(_of_charter, by_charter)]
    hearth.answer(
        {
            "erasures": [asdict(one) for one in found],
            "by_charter": [
                asdict(one) | {"payloads": to_builtins(one.payloads)} for one in by_charter
            ],
        },
        "\n".join(lines) or "Neither this node's log nor the charter erases anything.",
    )


def _of_log(one: ErasedEntry) -> str:
    named = ", ".join(f"{index:,}" for index in one.named)
    return _lines(f"Entry {one.index:,}, of {_at(one.time)}, erases {named}", one.members)


def _of_charter(one: ErasedByCharter) -> str:
    named = ", ".join(f"{payload.node}:{payload.index}" for payload in one.payloads)
    return _lines(f"Version {one.version} of the charter erases {named}", one.members)


def _lines(what: str, members: list[MemberErasure]) -> str:
    confirmed = sum(member.confirmation is not None for member in members)
    lines = [f"{what}: confirmed by {confirmed} of {len(members)} members"]
    return "\n".join(lines + [f"  {member.node}: {_answer(member)}" for member in members])


def _answer(member: MemberErasure) -> str:
    if member.confirmation is None:
        return f"not confirmed; {member.why}"
    return (
        f"erased {_at(member.confirmation.erased_at)}, receipt of "
        f"{_at(member.confirmation.received_at)}"
    )


def _at(time: datetime) -> str:
    return f"{time:%d %B %Y %H:%M} UTC"
