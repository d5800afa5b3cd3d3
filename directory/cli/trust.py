"""How commands that check what others say are told whom to believe: keys, a charter, a policy."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from directory.cli.common import Hearth
from federation import Kept, Trust, read_chain, trust_of
from protocols.keys import Purpose
from protocols.note import NoteVerifier
from protocols.policy import parse_policy

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

key_option = click.option(
    "--key", "keys", multiple=True, metavar="VKEY", help="Verifier key of a log."
)
charter_option = click.option(
    "--charter",
    "charter_file",
    type=FILE,
    help="A charter, which names its members' keys; followed by its successors, if any.",
)
policy_option = click.option(
    "--policy", type=FILE, help="A tlog-policy: its witnesses' quorum must have cosigned."
)


def trust_options(body: Callable[..., None]) -> Callable[..., None]:
    """Give a command --key, --charter and --policy."""
    return key_option(charter_option(policy_option(body)))


def read_trust(
    hearth: Hearth, keys: Sequence[str], charter_file: Path | None, policy: Path | None
) -> Trust:
    """Whom to believe. Where nothing is said, the charter of this data directory, if there is one.

    Raises what `read_charters` and `trust_of` do.
    """
    kept = hearth.data_dir / "charter.note"
    if not (keys or charter_file or policy) and kept.exists():
        charter_file = kept
    return trust_of(
        [NoteVerifier.from_vkey(key, Purpose.LOG) for key in keys],
        read_charters(charter_file)[-1].charter if charter_file else None,
        parse_policy(policy.read_bytes()) if policy else None,
    )


def read_charters(file: Path) -> tuple[Kept, ...]:
    """The chain of charters in a file. Raises what `read_chain` does."""
    return read_chain(file.read_bytes())
