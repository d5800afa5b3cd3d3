"""`hearth log-info`: where each log is, and the key that verifies it."""

from typing import Any

import click

from directory.cli.common import Hearth, command
from federation import followed_logs, reading
from protocols.encoding import b64


@click.command("log-info")
@command
def log_info(hearth: Hearth) -> None:
    """Print each member's log: address, key, how far verified.

    The key is a verifier key (vkey) of C2SP signed-note. With prefix and key, any client for C2SP
    tlog-tiles can check the log.
    """
    with hearth.node() as node:
        with reading(node.replica) as connection:
            held = {log.node: log for log in followed_logs(connection).values()}
        logs: list[dict[str, Any]] = [
            {
                "node": member.node,
                "prefix": f"{member.url}/log",
                "origin": member.origin,
                "vkeys": [verifier.vkey for verifier in member.log_verifiers],
                "size": held[member.node].size if member.node in held else 0,
                "root": b64(held[member.node].root) if member.node in held else None,
                "verified_at": held[member.node].verified_at if member.node in held else None,
                "trouble": held[member.node].trouble if member.node in held else None,
            }
            for member in node.charter.members
        ]
    hearth.answer({"logs": logs}, "\n".join(map(_lines, logs)))


def _lines(log: dict[str, Any]) -> str:
    lines = [f"{log['node']}: {log['size']:,} entries verified", f"  prefix  {log['prefix']}"]
    lines += [f"  vkey    {vkey}" for vkey in log["vkeys"]]
    lines += [f"  trouble {log['trouble']}"] if log["trouble"] else []
    return "\n".join(lines)
