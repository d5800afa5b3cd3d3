"""`hearth witness`: this node as a witness, and the witnesses of its log."""

from dataclasses import asdict

import click

from directory.cli.common import Hearth, command
from directory.web.wording import at, counted
from federation import WitnessStanding, read_member, reading, witness_standings
from protocols.policy import Witness


@click.command()
@command
def witness(hearth: Hearth) -> None:
    """Show this node as a witness, and the witnesses of its log.

    Prints this node's line for a witness policy, and how far each of its own witnesses is.

    The lines of those who shall be the committee go into a file, a C2SP tlog-policy, with a group
    and a quorum; 'hearth charter found' and 'hearth charter propose' take it with --witnesses.
    """
    member = read_member(hearth.data_dir)
    line = Witness(member.node, member.cosigners[0], member.url).line
    standings: list[WitnessStanding] = []
    if (hearth.data_dir / "charter.note").exists():
        with hearth.node() as node, reading(node.node_db) as connection:
            standings = witness_standings(connection, node.charter)
    said = [line, *map(_said, standings)]
    if not standings:
        said.append("The charter names no witnesses: checkpoints count without.")
    hearth.answer({"line": line, "witnesses": [asdict(one) for one in standings]}, "\n".join(said))


def _said(one: WitnessStanding) -> str:
    cosigned = (
        f"has cosigned {counted(one.size, 'entry', 'entries')}, last at {at(one.cosigned_at)}"
        if one.cosigned_at
        else "has cosigned nothing yet"
    )
    return f"{one.name} {cosigned}" + (f"; now: {one.trouble}" if one.trouble else "")
