"""A notice as it stands today, for those who are shown a part of it."""

from sqlalchemy import Connection, select

from directory.hosting.partners.errors import PageOver
from directory.notices.errors import NoSuchNotice
from directory.notices.models import received_notice
from directory.notices.now import Now, now_of
from directory.security.vault.errors import Erased
from federation import Node


def notice_now(connection: Connection, node: Node, area: str, placing: str, notice: str) -> Now:
    """What a notice to `area` says. Who asks may see some of it. Raises PageOver where it was
    destroyed.
    """
    row = connection.execute(
        select(received_notice).where(
            received_notice.c.id == notice,
            received_notice.c.placing_authority == placing,
            received_notice.c.area_authority == area,
        )
    ).one_or_none()
    try:
        if row is not None:
            return now_of(connection, node, "received", row)
    except (NoSuchNotice, Erased):
        pass
    raise PageOver("What the notice says was destroyed")
