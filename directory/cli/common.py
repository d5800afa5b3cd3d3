"""What every sub-command shares: where the node is, how it answers, how it fails.

With --json a command prints one JSON object on standard output and nothing else there; what people
read on the way goes to standard error. Any failure gives a status that is not zero, and with --json
an object with the member `error`.
"""

import codecs
import functools
import json
import os
import pwd
import sys
import traceback
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import click
import msgspec
from alembic.util import CommandError
from environs import EnvError
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from directory.country.authorities.service import Authority, all_authorities, find
from directory.errors import DirectoryError
from directory.nodes import opened
from directory.security.rights.principal import Principal, operator
from directory.settings import read_settings
from federation import FederationError, Node, charter_warnings, explain_storage
from protocols.errors import ProtocolError

P = ParamSpec("P")
_AT_ONCE = 1 << 20  # bytes
_LOGIN = Path("/proc/self/loginuid")
_EXPLAINED = (
    *(DirectoryError, FederationError, ProtocolError),
    *(EnvError, OSError, DBAPIError, CommandError),
)


@dataclass(frozen=True)
class Hearth:
    """A command's surroundings: the data directory, and how to answer."""

    data_dir: Path
    as_json: bool

    @property
    def err(self) -> Console:
        """For people: progress and explanations, on standard error."""
        return Console(stderr=True, highlight=False)

    @property
    def who(self) -> Principal:
        """Who runs the command, by the name with which they logged in to this machine."""
        return operator(_login())

    @contextmanager
    def node(self) -> Iterator[Node]:
        """The node of this data directory, open."""
        with opened(self.data_dir) as node:
            for warning in charter_warnings(node):
                print_safely(f"Warning: {warning}", error=True)
            yield node

    def answer(self, result: object, text: str) -> None:
        """Print `result` as JSON, or else `text`."""
        if self.as_json:
            print_json(msgspec.json.encode(result))
        else:
            print_safely(text)

    def fail(self, result: Mapping[str, object], text: str, error: str) -> NoReturn:
        """Answer with what was done all the same, say what failed, and leave with status 1."""
        self.answer({"error": error, **result}, text)
        print_safely(f"Error: {error}", error=True)
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


def _login() -> str:
    """The kernel's record of who logged in, which `su` and `sudo` leave as it is; where it has
    none, whose process this is.
    """
    with suppress(OSError, ValueError, KeyError):
        return pwd.getpwuid(int(_LOGIN.read_text("ascii"))).pw_name
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


class AuthorityName(click.ParamType[Authority]):
    """An authority by GSS code or by any of its names."""

    name = "authority"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Authority:
        """The authority; a usage error when there is none of that name."""
        found = value if isinstance(value, Authority) else find(value)
        if found is None:
            names = [one.name for one in all_authorities()]
            near = get_close_matches(value.title(), names, n=3)
            meant = f" Did you mean {' or '.join(near)}?" if near else ""
            self.fail(
                f"no authority of the United Kingdom is known as {value!r}.{meant} Give its "
                "name, or its GSS code, which has the form E06000001.",
                param,
                ctx,
            )
        return found


def served(node: Node, authority: Authority | None) -> str:
    """The GSS code of the authority that was named, or else of the only one that a node serves.

    A usage error where it serves several, or not this one.
    """
    area = sorted(node.member.area)
    if authority and authority.gss in area:
        return authority.gss
    if authority:
        raise click.UsageError(f"This node does not serve {authority.name}.")
    if len(area) != 1:
        raise click.UsageError("This node serves several authorities: say which, with --authority.")
    return area[0]


def print_safely(text: str, *, error: bool = False) -> None:
    """Print to a terminal what may come from elsewhere: control characters are made visible.

    They are written as JSON writes them, so that JSON stays JSON.
    """
    click.echo(_visible(text), err=error)


def print_json(data: bytes) -> None:
    """As `print_safely`, of JSON in bytes: a long answer is never in memory twice."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _AT_ONCE):
        text = decoder.decode(data[start : start + _AT_ONCE])
        click.echo(_visible(text), nl=False)
    click.echo()


def _visible(text: str) -> str:
    if text.isprintable():  # nearly all is: it need not be gone through by character
        return text
    return "".join(c if _is_harmless(c) else json.dumps(c)[1:-1] for c in text)


def _is_harmless(character: str) -> bool:
    return character.isprintable() or character == "\n" or unicodedata.category(character) == "Zs"


def _explain(error: Exception) -> str:
    if isinstance(error, DBAPIError | OSError):
        return explain_storage(error)
    if isinstance(error, CommandError):
        return (
            f"The databases cannot be brought up to this software: {error}. A newer version may "
            "have made them: install that version, or restore the backup from before it."
        )
    return str(error)
