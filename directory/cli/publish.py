"""`hearth publish`: put what this node vouches for into its log."""

from dataclasses import asdict

import click

from directory.cli.common import Hearth, command
from directory.publishing.service import publish_register
from directory.publishing.withdrawing import publish_again
from federation import hold, own_log, publish_log, reading, writing


@click.command()
@click.option(
    "--again", metavar="RECORD", multiple=True, help="Also what was retired or erased: home/URN."
)
@command
def publish(hearth: Hearth, again: tuple[str, ...]) -> None:
    """Publish the homes in this node's area, and who runs them.

    Only what is new, changed or gone since the last time goes into the log.
    """
    with hearth.node() as node:
        with hearth.err.status("Publishing …"):
            with writing(node.node_db) as connection:
                hold(connection, "publish")
                for record in again:
                    publish_again(connection, node, hearth.who, record)
                done = publish_register(connection, node)
            entries = publish_log(node)
        with reading(node.node_db) as connection:
            log = own_log(connection)
    size = log.size if log else 0
    nothing = not (done.homes or done.providers or done.unchanged or done.withheld)
    undated = (
        f"{done.undated:,} more are not published, because no list has said since when they are "
        "registered: import one that does.\n"
        if done.undated
        else ""
    )
    withheld = (
        f"{done.withheld:,} more are not, because somebody has retired or erased them: --again "
        "publishes one.\n"
        if done.withheld
        else ""
    )
    hint = (
        "There is no home in this node's area on any list: run 'hearth import ofsted' first."
        if nothing
        else "Next: 'hearth run', while it runs, tells the other nodes by itself."
    )
    hearth.answer(
        asdict(done) | {"entries": entries, "log_size": size},
        f"Published {done.homes:,} homes and {done.providers:,} providers; {done.unchanged:,} were "
        f"published just so before, and {done.retired:,} were retired. This node's log has "
        f"{size:,} entries.\n{undated}{withheld}{hint}",
    )
