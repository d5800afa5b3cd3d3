"""The command `hearth`: one file a sub-command, imported only when it is called for."""

from importlib import import_module
from typing import Any

import click

_HERE = "directory.cli"
# In the order in which a newcomer needs them.
_COMMANDS = {
    "demo": "demo:demo",
    "init": "init:init",
    "charter": "charter:charter",
    "run": "run:run",
    "import": "ofsted:import_",
    "publish": "publish:publish",
    "search": "search:search",
    "sync": "sync:sync",
    "notify": "notify:notify",
    "inbox": "inbox:inbox",
    "outbox": "outbox:outbox",
    "verify": "verify:verify",
    "log-info": "log_info:log_info",
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


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="commonhearth", prog_name="hearth")
def main() -> None:
    """Commonhearth: a federated directory for commissioning children's residential care.

    Every authority, or group of authorities, runs a node. Begin with 'hearth demo'.
    """
