"""Where the current records of a home or provider stand: in which logs, at which entries."""

from sqlalchemy import Connection, select

from directory.homes.models import home, provider
from federation import FollowedLog, followed_logs

HOME, PROVIDER = "home/", "provider/"


def places(connection: Connection, reference: str) -> dict[str, tuple[FollowedLog, int]]:
    """By the node that vouches for it, its log and the entry whose word counts there.

    `reference` is `home/` and a URN, `provider/` and the registered name, or a URN alone.
    """
    if reference.startswith(PROVIDER):
        table, named = provider, provider.c.name == reference.removeprefix(PROVIDER)
    else:
        table, named = home, home.c.urn == reference.removeprefix(HOME)
    rows = connection.execute(
        select(table.c.log, table.c.entry).where(named).order_by(table.c.entry)
    ).all()
    logs = followed_logs(connection, {row.log for row in rows})
    return {logs[row.log].node: (logs[row.log], row.entry) for row in rows}
