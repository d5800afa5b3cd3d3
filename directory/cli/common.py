"""What every sub-command shares: where the node is, how it answers, how it fails.

With --json a command prints one JSON object on standard output and nothing else there; what people
read on the way goes to standard error. Any failure gives a status that is not zero.
"""

import functools
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import click
import msgspec
from environs import EnvError
from rich.console import Console
from sqlalchemy.exc import DatabaseError

from directory.authorities.errors import UnknownAuthority
from directory.authorities.service import Authority, by_gss, find
from directory.errors import DirectoryError
from directory.nodes import opened
from directory.settings import read_settings
from federation import FederationError, Node
from protocols.errors import ProtocolError

P = ParamSpec("P")
_EXPLAINED = (DirectoryError, FederationError, ProtocolError, EnvError, OSError, DatabaseError)


@dataclass(frozen=True)
class Hearth:
    """A command's surroundings: the data directory, and how to answer."""

    data_dir: Path
    as_json: bool

    @property
    def err(self) -> Console:
        """For people: progress and explanations, on standard error."""
        return Console(stderr=True, highlight=False)

    @contextmanager
    def node(self) -> Iterator[Node]:
        """The node of this data directory, open."""
        with opened(self.data_dir) as node:
            yield node

    def answer(self, result: object, text: str) -> None:
        """Print `result` as JSON, or else `text`."""
        print_safely(msgspec.json.encode(result).decode() if self.as_json else text)

    def fail(self, result: object, text: str) -> NoReturn:
        """Answer, and leave with status 1."""
        self.answer(result, text)
        sys.exit(1)


def command(body: Callable[..., None]) -> Callable[..., None]:
    """Give a sub-command --data-dir, --json and --verbose, and a `Hearth` as first argument."""

    @click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="The node's data directory. [default: $HEARTH_DATA_DIR, or ./data]",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
    @click.option("--verbose", is_flag=True, help="Show where an error came from.")
    @functools.wraps(body)
    def run(
        *args: Any, data_dir: Path | None, as_json: bool, verbose: bool, **options: Any
    ) -> None:
        try:
            body(Hearth(data_dir or read_settings().data_dir, as_json), *args, **options)
        except _EXPLAINED as error:
            if verbose:
                traceback.print_exc()
            reason = _explain(error)
            print_safely(f"Error: {reason}", error=True)
            if as_json:
                print_safely(msgspec.json.encode({"error": reason}).decode())
            sys.exit(1)

    return run


class AuthorityName(click.ParamType[Authority]):
    """An authority by GSS code or by any of its names."""

    name = "authority"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Authority:
        """The authority; a usage error when there is none of that name."""
        if isinstance(value, Authority):
            return value
        try:
            return find(value) or by_gss(value)
        except UnknownAuthority as error:
            self.fail(str(error), param, ctx)


def print_safely(text: str, *, error: bool = False) -> None:
    """Print to a terminal what may come from elsewhere: control characters are made visible."""
    shown = "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)
    click.echo(shown, err=error)


def _explain(error: Exception) -> str:
    if isinstance(error, DatabaseError):
        # The driver's own words could repeat the values of a statement.
        return f"the database refused: {error.orig}"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)
