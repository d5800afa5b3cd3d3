"""`hearth verify`: check everything that this node holds, from the bytes up."""

import click

from directory.cli.common import Hearth, command
from federation import Audited, audit_logs

_NEXT = (
    "Stop the node. If this is replica.db, move it away, and 'hearth sync' rebuilds it; otherwise "
    "restore node.db from the backup that belongs to these keys."
)


@click.command()
@command
def verify(hearth: Hearth) -> None:
    """Check everything that this node holds, from the bytes up.

    Recomputes every log from its entries, and every payload's digest. Compares with the signed
    checkpoints, and this node's own log with what its key has signed.
    """
    with hearth.node() as node, hearth.err.status("Verifying …"):
        audited = audit_logs(node)
    result = {"logs": audited, "sound": all(one.problem is None for one in audited)}
    text = "\n".join(_line(one) for one in audited)
    if broken := [one for one in audited if one.problem]:
        hearth.fail(
            result,
            text,
            f"{broken[0].node} in {broken[0].database}: {broken[0].problem}. {_NEXT}",
        )
    hearth.answer(result, text)


def _line(one: Audited) -> str:
    held = f"{one.size:,} entries, {one.payloads:,} payloads"
    return f"{one.node} in {one.database}: {held}, {one.problem or 'all verified'}"
