"""`hearth forks`: logs that signed two histories, and a proof checked with no network."""

from pathlib import Path

import click

from directory.cli.common import Hearth, command
from directory.errors import DirectoryError
from federation import KnownFork, known_forks, reading
from protocols.encoding import b64
from protocols.errors import ProtocolError, UnknownKey
from protocols.fork import Fork, check_fork, read_fork
from protocols.keys import Purpose
from protocols.note import NoteVerifier

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class NoProof(DirectoryError):
    """A file that was handed to `hearth forks --check` proves no fork."""


@click.command()
@click.option("--check", "file", type=_FILE, help="Check the proof in FILE, with no network.")
@click.option("--key", "keys", multiple=True, metavar="VKEY", help="A key of the log. [--check]")
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write each proof into a file of this folder.",
)
@command
def forks(hearth: Hearth, file: Path | None, keys: tuple[str, ...], save: Path | None) -> None:
    """List the logs that signed two histories, or check a proof.

    Says of each what to do.

    With --check, a proof is checked against the keys that --key gives, or else the charter of this
    node names; with --key no data directory is needed.
    """
    if file is not None:
        _check(hearth, file.read_bytes(), keys)
        return
    with hearth.node() as node, reading(node.node_db) as connection:
        known = known_forks(connection, node.charter.members)
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
        for one in known:
            (save / f"{one.node}-{one.digest[:12]}.json").write_bytes(one.proof)
    hearth.answer(
        {"forks": [_as_json(one) for one in known]},
        "\n".join(map(_said, known)) or "No log is known to have been forked.",
    )


def _check(hearth: Hearth, proof: bytes, keys: tuple[str, ...]) -> None:
    try:
        verifiers = [NoteVerifier.from_vkey(key, Purpose.LOG) for key in keys]
        if not verifiers:
            origin = read_fork(proof).checkpoints[0].origin
            with hearth.node() as node:
                verifiers = [
                    NoteVerifier(one.origin, key.key)
                    for one in node.charter.members
                    if one.origin == origin
                    for key in one.log_keys
                ]
        made = check_fork(proof, verifiers)
    except ProtocolError as error:
        more = " Give the log's keys with --key." if isinstance(error, UnknownKey) else ""
        raise NoProof(f"This proves no fork ({error}).{more}") from error
    hearth.answer({"forked": True, **_histories(made)}, f"Proved: {_two(made)}.")


def _histories(made: Fork) -> dict[str, object]:
    return {
        "origin": made.checkpoints[0].origin,
        "histories": [{"size": one.size, "root": b64(one.root)} for one in made.checkpoints],
    }


def _two(made: Fork) -> str:
    smaller, larger = made.checkpoints
    return (
        f"the log {smaller.origin} signed two histories, one of {smaller.size:,} entries with the "
        f"root {b64(smaller.root)}, and one of {larger.size:,} with the root {b64(larger.root)}"
    )


def _as_json(one: KnownFork) -> dict[str, object]:
    return {
        "node": one.node,
        "digest": one.digest,
        "found_at": one.found_at,
        "told_by": one.told_by,
        "settled": one.settled,
        **_histories(one.made),
    }


def _said(one: KnownFork) -> str:
    by = f"told by {one.told_by}" if one.told_by else "found here"
    now = (
        "Settled by the charter."
        if one.settled
        else "Its log is not followed. Agree with the other members which history counts, then end "
        "its log key there: 'hearth charter propose --end-key'."
    )
    return f"{one.node}, {by}: {_two(one.made)}. {now}"
