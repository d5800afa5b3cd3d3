"""`hearth verify`: check everything that this node holds, or a log anywhere, from the bytes up."""

import time
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.progress import Progress as Bar

from directory.cli.common import Hearth, command
from directory.cli.trust import FILE, read_trust, trust_options
from directory.settings import read_settings
from federation import (
    Audited,
    Believed,
    Progress,
    Traffic,
    WholeLog,
    audit_logs,
    find_log,
    verify_whole_log,
)
from protocols.encoding import b64
from protocols.errors import ProtocolError

_NEXT = (
    "Stop the node. If this is replica.db, move it away, and 'hearth sync' rebuilds it; otherwise "
    "restore node.db from the backup that belongs to these keys."
)


@click.command()
@click.argument("url", required=False)
@trust_options
@click.option(
    "--since", type=FILE, help="An earlier checkpoint, of which the log must be the rest."
)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the checkpoint in this file, for --since the next time.",
)
@command
def verify(
    hearth: Hearth,
    url: str | None,
    keys: tuple[str, ...],
    charter_file: Path | None,
    policy: Path | None,
    since: Path | None,
    save: Path | None,
) -> None:
    """Check all that this node holds, or any log at URL.

    Of this node: recomputes every log from its entries, and every payload's digest. Compares with
    the signed checkpoints, and this node's own log with what its key has signed.

    With URL, which is a node's address or the prefix of a log, no data directory is needed. Fetches
    the whole log: the checkpoint must be signed by its key and cosigned as the policy says, and
    every tile and entry must be of the tree whose root it names.
    """
    if url is None:
        if keys or charter_file or policy or since or save:
            raise click.UsageError("These options are for a log elsewhere: give its URL first.")
        _verify_held(hearth)
        return
    trust = read_trust(hearth, keys, charter_file, policy).at(url.rstrip("/"))
    traffic, began = Traffic(), time.monotonic()
    source = find_log(url, traffic, read_settings().ca_bundle)
    try:
        with Bar(console=hearth.err, transient=True) as bar:
            task = bar.add_task(source.prefix, total=None)

            def report(progress: Progress) -> None:
                bar.update(task, completed=progress.size, total=progress.target)

            whole = verify_whole_log(source, trust, since.read_bytes() if since else None, report)
    except ProtocolError as error:
        hearth.fail({"sound": False, "prefix": source.prefix}, "", f"{source.prefix}: {error}")
    finally:
        source.close()
    if save:
        save.write_bytes(whole.note)
    checkpoint = whole.head.checkpoint
    result = {
        "sound": True,
        "prefix": source.prefix,
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": b64(checkpoint.root),
        "tiles": whole.tiles,
        "bundles": whole.bundles,
        "since": whole.earlier,
        **cosigned_as_json(whole.head),
        "requests": traffic.requests,
        "bytes_on_wire": traffic.bytes_received,
        "seconds": round(time.monotonic() - began, 3),
    }
    hearth.answer(result, _in_words(whole, traffic))


def cosigned_as_json(head: Believed) -> dict[str, object]:
    """Who cosigned a checkpoint, and since when a quorum had."""
    return {
        "cosigned": [
            {"witness": one.cosigner.name, "at": _time(one.time)} for one in head.cosignatures
        ],
        "no_later_than": _time(head.no_later_than) if head.no_later_than else None,
    }


def cosigned_in_words(head: Believed) -> str:
    """What cosignatures say of when: nothing, without any."""
    if not head.no_later_than:
        return (
            "When: not shown. No witness's cosignature was asked for, and a log alone proves no "
            "time."
        )
    names = ", ".join(one.cosigner.name for one in head.cosignatures)
    return (
        f"When: no later than {_time(head.no_later_than)}, when a quorum of the witnesses had "
        f"cosigned it ({names}). How long before is not shown."
    )


def _in_words(whole: WholeLog, traffic: Traffic) -> str:
    checkpoint = whole.head.checkpoint
    lines = [
        f"{checkpoint.origin}: sound. Its {checkpoint.size:,} entries (bundles: {whole.bundles:,}, "
        f"tiles: {whole.tiles:,}) are of the tree that it has signed, with the root "
        f"{b64(checkpoint.root)}.",
        cosigned_in_words(whole.head),
    ]
    if whole.earlier is not None:
        lines.append(f"Nothing of the {whole.earlier:,} entries that you knew has changed.")
    lines.append(
        f"{traffic.requests:,} requests, {traffic.bytes_received:,} bytes. Records themselves are "
        "for members, and were not looked at."
    )
    return "\n".join(lines)


def _time(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return f"{seconds} seconds after 1970"


def _verify_held(hearth: Hearth) -> None:
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
