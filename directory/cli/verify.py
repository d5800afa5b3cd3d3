"""`hearth verify`: check everything that this node holds, from the bytes up."""

import click

from directory.cli.common import Hearth, command
from federation import Audited, audit_logs


@click.command()
@command
def verify(hearth: Hearth) -> None:
    """Recompute every log that this node holds from its entries, and every payload's digest.

    Compares with the signed checkpoints, and this node's own log with what its key has signed.
    """
    with hearth.node() as node, hearth.err.status("Verifying …"):
        audited = audit_logs(node)
    result = {"logs": audited, "sound": all(one.problem is None for one in audited)}
    text = "\n".join(_line(one) for one in audited)
    if not result["sound"]:
        hearth.fail(result, text)
    hearth.answer(result, text)


def _line(one: Audited) -> str:
    held = f"{one.size:,} entries, {one.payloads:,} payloads"
    return f"{one.node} in {one.database}: {held}, {one.problem or 'all verified'}"
