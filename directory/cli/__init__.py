"""The command `hearth`: one file a sub-command, imported only when it is called for."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click
import msgspec

_HERE = "directory.cli"
# In the order in which a newcomer needs them.
_COMMANDS = {
    "demo": "demo:demo",
    "init": "init:init",
    "charter": "charter:charter",
    "keys": "keys:keys",
    "people": "people:people",
    "run": "run:run",
    "import": "ofsted:import_",
    "publish": "publish:publish",
    "releases": "releases:releases",
    "commissioning": "commissioning:commissioning",
    "search": "search:search",
    "codes": "codes:codes",
    "where": "where:where",
    "sync": "sync:sync",
    "notify": "notify:notify",
    "compliance": "compliance:compliance",
    "reconcile": "reconcile:reconciling",
    "duty": "duty:duty",
    "inbox": "inbox:inbox",
    "returned-mail": "returned_mail:returned_mail",
    "outbox": "outbox:outbox",
    "follow-up": "follow_up:follow_up",
    "systems": "systems:systems",
    "history": "history:history",
    "retire": "retire:retire",
    "erase": "erase:erase",
    "erased": "erased:erased",
    "audit": "audit:audit",
    "retention": "retention:retention",
    "hold": "hold:hold",
    "subject-access": "subject_access:subject_access",
    "epoch": "epoch:epoch",
    "backup": "backup:backup",
    "restore": "restore:restore",
    "recover": "recover:recover",
    "verify": "verify:verify",
    "proof": "proof:proof",
    "evidence": "evidence:evidence",
    "conformance": "conformance:conformance",
    "peers": "peers:peers",
    "witness": "witness:witness",
    "forks": "forks:forks",
    "log-info": "log_info:log_info",
    "reference": "reference:reference",
    "bench": "bench:bench",
}


class _Commands(click.Group):
    """Knows the names of its commands, and loads one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        found: Any = getattr(import_module(f"{_HERE}.{module}"), name)
        return found if isinstance(found, click.Command) else None

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        extra["obj"] = as_json = "--json" in args
        with _failing_as_json(as_json):
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _failing_as_json(bool(ctx.obj)):
            return super().invoke(ctx)


@contextmanager
def _failing_as_json(as_json: bool) -> Iterator[None]:
    """With --json, a wrong call and Ctrl-C are answered in JSON too; click shows them to people."""
    reason = None
    try:
        yield
    except click.ClickException as error:
        reason = error.format_message()
        raise
    except (click.Abort, KeyboardInterrupt):
        reason = "Stopped before the end."
        raise
    finally:
        if as_json and reason:
            click.echo(msgspec.json.encode({"error": reason}))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="commonhearth", prog_name="hearth")
def main() -> None:
    """Commonhearth: a federated directory for commissioning children's residential care.

    Every authority, or group of authorities, runs a node. 'hearth demo' shows a whole consortium on
    this machine; the other commands stand in the order in which a new node needs them.
    """
