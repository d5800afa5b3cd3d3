"""`hearth charter`: found a consortium, and keep to its charter."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from directory.cli.common import Hearth, command
from federation import adopt_charter, found_charter, new_charter_key, write_private
from protocols.charter import Member, charter_digest
from protocols.encoding import b64url, decode_json

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)


@click.group()
def charter() -> None:
    """Found a consortium, and keep to its charter."""


@charter.command()
@click.argument("members", nargs=-1, required=True, type=_FILE)
@click.option("--name", required=True, help="Name of the consortium.")
@click.option("--out", required=True, type=_NEW, help="Where to write the charter.")
@click.option("--key-out", required=True, type=_NEW, help="Where to write the charter key.")
@command
def found(hearth: Hearth, members: tuple[Path, ...], name: str, out: Path, key_out: Path) -> None:
    """Found a consortium of the nodes that the files MEMBERS describe (their member.json).

    The charter key is drawn afresh. Keep it offline.
    """
    if key_out.exists():
        raise click.UsageError(f"{key_out} exists; a key is never overwritten.")
    described = [decode_json(path.read_bytes(), Member, path.name) for path in members]
    signer = new_charter_key("founding-key")
    note = found_charter(name, described, {}, [signer], datetime.now(UTC))
    key = {"name": signer.name, "seed": b64url(signer.key.seed)}
    write_private(key_out, msgspec.json.encode(key))
    out.write_bytes(note)
    hearth.answer(
        {"charter": str(out), "digest": charter_digest(note), "members": len(described)},
        f"Founded {name} with {len(described)} nodes: {out}.\n"
        f"Digest, to compare by voice: {charter_digest(note)}\n"
        f"Take {key_out} offline now.",
    )


@charter.command()
@click.argument("file", type=_FILE)
@command
def adopt(hearth: Hearth, file: Path) -> None:
    """Verify the charter in FILE and keep to it from now on."""
    note = file.read_bytes()
    adopted = adopt_charter(hearth.data_dir, note, datetime.now(UTC))
    hearth.answer(
        {"name": adopted.name, "version": adopted.version, "digest": charter_digest(note)},
        f"This node keeps to the charter of {adopted.name}, version {adopted.version}, with "
        f"{len(adopted.members)} nodes.\nDigest, to compare by voice: {charter_digest(note)}",
    )
