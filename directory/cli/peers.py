"""`hearth peers`: how each other node is, and what waits for it."""

from dataclasses import asdict
from typing import Any

import click

from directory.cli.common import Hearth, command
from directory.node.status.presenters import PeerRow, cosigned, peer_rows
from directory.node.status.service import PeerStatus, node_status
from federation import WitnessStanding


@click.command()
@command
def peers(hearth: Hearth) -> None:
    """Show how each other node is.

    When it last answered, what is in the way in words, how much this node holds of its log and it
    of ours, which message has waited longest for it and why, its clock and version, and how it is
    as a witness of our log. A running worker keeps this up; those in trouble come first.
    """
    with hearth.node() as node:
        status = node_status(node, hearth.who)
    rows = peer_rows(status)
    lines = [_lines(row) for row in rows] or ["The charter names no other node."]
    if status.why_not_published:
        lines.append(f"Nothing is published here: {status.why_not_published}")
    lines += [_outside(one) for one in status.witnesses if one.node is None]
    hearth.answer(
        {
            "peers": [_known(one) for one in status.peers],
            "witnesses": [asdict(one) for one in status.witnesses],
            "waits_for_quorum_since": status.waits_for_quorum,
            "not_published_because": status.why_not_published or None,
        },
        "\n\n".join(lines),
    )


def _lines(row: PeerRow) -> str:
    lines = [f"{row.node} ({row.serves}): {row.state}"]
    lines += [f"  {note}" for note in row.notes]
    told = {
        "last answered": row.answered,
        "held here": row.held,
        "it holds of ours": row.ours,
        "waits for it": row.waits,
        "its clock": row.clock,
        "its version": row.version,
    } | ({"as a witness": row.witness} if row.witness else {})
    return "\n".join([*lines, *(f"  {name:<18}{value}" for name, value in told.items())])


def _outside(one: WitnessStanding) -> str:
    trouble = f"\n  {one.trouble}" if one.trouble else ""
    return f"{one.name}, a witness and no member: {cosigned(one)}{trouble}"


def _known(peer: PeerStatus) -> dict[str, Any]:
    contact, log, oldest = peer.contact, peer.log, peer.oldest
    return {
        "node": peer.member.node,
        "status": peer.member.status,
        "answered_at": contact and contact.answered_at,
        "problem": (contact and contact.problem) or (log and log.trouble),
        "problem_since": (contact and contact.problem_since) or (log and log.trouble_since),
        "held": log.size if log else 0,
        "backlog_in": peer.backlog_in,
        "verified_at": log and log.verified_at,
        "holds_of_ours": contact.holds if contact else 0,
        "backlog_out": peer.backlog_out,
        "messages_waiting": sum(one.messages for one in peer.waits.values()),
        "oldest_waits_since": oldest and oldest.since,
        "oldest_waits_because": oldest and oldest.why,
        "clock_ahead_s": contact and contact.ahead_s,
        "version": (contact and contact.version) or None,
        "witness": peer.witness and asdict(peer.witness),
        "snapshot_trouble": peer.snapshot_trouble,
        "requests": contact.requests if contact else 0,
        "bytes_received": contact.bytes_received if contact else 0,
    }
