"""`hearth charter`: found a consortium, and keep to its charter."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from directory.cli.common import Hearth, command
from directory.errors import DirectoryError
from federation import adopt_charter, found_charter, new_charter_key, write_private
from protocols.charter import Member, charter_digest
from protocols.encoding import b64url, decode_json
from protocols.errors import ProtocolError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)


class UnusableFile(DirectoryError):
    """A file that was handed to `hearth charter` is not what it should be."""


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
    """Found a consortium of nodes.

    The files MEMBERS describe them: each is the member.json of a node. The charter key is drawn
    afresh; keep it offline. No data directory is needed.
    """
    for path in (out, key_out):
        if path.exists():
            raise click.UsageError(f"{path} exists, and is not overwritten. Name another file.")
    described = [_described(path) for path in members]
    signer = new_charter_key("founding-key")
    note = found_charter(name, described, {}, [signer], datetime.now(UTC))
    key = {"name": signer.name, "seed": b64url(signer.key.seed)}
    write_private(key_out, msgspec.json.encode(key))
    out.write_bytes(note)
    hearth.answer(
        {
            "charter": str(out),
            "key": str(key_out),
            "digest": charter_digest(note),
            "members": len(described),
        },
        f"Founded {name} with {len(described)} nodes: {out}.\n"
        f"Digest, to compare by voice: {charter_digest(note)}\n"
        f"Take {key_out} offline now.\n"
        f"Next: give {out} to every member, who runs 'hearth charter adopt' with it.",
    )


def _described(path: Path) -> Member:
    try:
        return decode_json(path.read_bytes(), Member, "description")
    except ProtocolError as error:
        raise UnusableFile(
            f"{path} does not describe a node ({error}). Nothing was founded; name the member.json "
            "that 'hearth init' has written."
        ) from error


@charter.command()
@click.argument("file", type=_FILE)
@command
def adopt(hearth: Hearth, file: Path) -> None:
    """Verify the charter in FILE, and keep to it from now on."""
    note = file.read_bytes()
    try:
        adopted = adopt_charter(hearth.data_dir, note, datetime.now(UTC))
    except ProtocolError as error:
        raise UnusableFile(
            f"{file} is no charter that can be adopted ({error}). Nothing was changed; ask whoever "
            "founded the consortium for the charter."
        ) from error
    hearth.answer(
        {"name": adopted.name, "version": adopted.version, "digest": charter_digest(note)},
        f"This node keeps to the charter of {adopted.name}, version {adopted.version}, with "
        f"{len(adopted.members)} nodes.\nDigest, to compare by voice: {charter_digest(note)}\n"
        "Next: 'hearth run' starts the node.",
    )
