"""`hearth charter sign`: sign the next version of a charter, on a machine without a node."""

from pathlib import Path

import click

from directory.cli.common import Hearth, command
from directory.node.charters.errors import NotASigner
from directory.node.charters.files import before_of, read_before, read_draft, read_key
from directory.node.charters.wording import differences
from protocols.charter import Charter, charter_digest, signatures
from protocols.errors import CharterRefused, Malformed, UnknownKey
from protocols.note import NoteSigner
from protocols.succession import WAIT, check_draft, open_successor

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--key", "key_file", required=True, type=_FILE, help="The file of your charter key.")
@click.option(
    "--before",
    type=_FILE,
    help="The version before, or a whole charter.note. [default: FILE.before]",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@command
def sign(hearth: Hearth, file: Path, key_file: Path, before: Path | None, yes: bool) -> None:
    """Sign the draft in FILE, after showing what it would change.

    No data directory and no network is needed: a charter key stays offline.
    """
    note, draft = read_draft(file)
    _, held = read_before(before or before_of(file), draft.previous)
    check_draft(draft, held, draft.previous or "")
    signer = read_key(key_file)
    signed = _signed(note, held)
    if signer.verifier.vkey not in held.charter_keys:
        raise NotASigner(
            f"The key {signer.name} is not one that version {held.version} of the charter names. "
            "Nothing was signed."
        )
    if signer.key.public.raw in signed:
        raise NotASigner(f"The key {signer.name} has signed this draft. Nothing was changed.")
    said = differences(held, draft)
    hearth.err.print(
        f"Version {draft.version} of the charter of {draft.name} would change this:", markup=False
    )
    for one in said:
        hearth.err.print(f"- {one}", markup=False, soft_wrap=True)
    if not yes:
        click.confirm(f"Sign it as {signer.name}?", abort=True, err=True)
    line = _line(note, signer)
    with file.open("ab") as opened:
        opened.write(line)
    count, of = len(signed) + 1, len(held.charter_keys)
    enough, following = _standing(note + line, held, draft.previous or "")
    hearth.answer(
        {
            "version": draft.version,
            "digest": charter_digest(note),
            "signatures": count,
            "of": of,
            "enough": enough,
            "changes": said,
        },
        f"Signed by {count} of {of}. Digest, to compare by voice: {charter_digest(note)}\n"
        + following,
    )


def _standing(note: bytes, before: Charter, previous: str) -> tuple[bool, str]:
    """Whether the signatures make a draft the next version, and what is to be done next."""
    try:
        successor = open_successor(note, before, previous)
    except CharterRefused as error:
        return False, (
            f"Not enough yet ({error}). Next: give it to the next holder of a charter key."
        )
    adopting = "Next: one member runs 'hearth charter adopt' with it; it reaches the others by "
    if successor.waits:
        return True, f"{adopting}itself. Each node keeps to it {WAIT.days} days after it has it."
    return True, f"{adopting}itself."


def _signed(note: bytes, before: Charter) -> frozenset[bytes]:
    """Who has signed a draft so far, of those who may."""
    try:
        return signatures(note, before.charter_keys)
    except (UnknownKey, Malformed):
        return frozenset()  # nobody yet


def _line(note: bytes, signer: NoteSigner) -> bytes:
    text = note.rpartition(b"\n\n")[0] + b"\n"
    return signer.line(text).encode() + b"\n"
