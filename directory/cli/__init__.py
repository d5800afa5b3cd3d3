"""The command `hearth`: one file a sub-command."""

import click

from directory.cli.bench import bench
from directory.cli.charter import charter
from directory.cli.demo import demo
from directory.cli.inbox import inbox
from directory.cli.init import init
from directory.cli.log_info import log_info
from directory.cli.notify import notify
from directory.cli.ofsted import import_
from directory.cli.outbox import outbox
from directory.cli.publish import publish
from directory.cli.run import run
from directory.cli.search import search
from directory.cli.sync import sync
from directory.cli.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="commonhearth", prog_name="hearth")
def main() -> None:
    """Commonhearth: a federated directory for commissioning children's residential care.

    Every authority, or group of authorities, runs a node. Begin with 'hearth demo'.
    """


for _command in (
    init,
    charter,
    run,
    demo,
    import_,
    publish,
    search,
    sync,
    notify,
    inbox,
    outbox,
    verify,
    log_info,
    bench,
):
    main.add_command(_command)
