"""The file that a case system fetches: one of each authority, in a folder that the operator chose.

It is replaced as a whole, and nobody but the node's user reads it. Its name says the authority and
no more.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

import structlog

from directory.exports import csv_lines
from directory.placing.exporting.rows import HEADINGS, cells, export
from directory.security.rights.principal import Grant, Principal
from directory.security.rights.roles import Role
from directory.settings import read_settings
from federation import Node, writing

REASON = "For the case system, as the operator has set it up"
log = structlog.get_logger()


class ExportPlacements:
    """The worker's round. Where to and how often is set by HEARTH_EXPORT_DIR and
    HEARTH_EXPORT_HOURS.
    """

    def __init__(self) -> None:
        self._done: datetime | None = None

    def __call__(self, node: Node) -> None:
        """Write the files, when it is time."""
        settings, now = read_settings(), node.now()
        if settings.export_dir is None:
            return
        if self._done and now - self._done < timedelta(hours=settings.export_hours):
            return
        itself = Principal(f"node:{node.name}", node.name, frozenset({Grant(Role.OPERATOR)}))
        for authority in sorted(node.member.area):
            write_export(node, itself, authority, settings.export_dir)
        self._done = now


def write_export(node: Node, who: Principal, authority: str, folder: Path) -> Path:
    """Write an authority's file; gives its path. Raises NotAllowed, OSError."""
    with writing(node.node_db) as connection:
        rows = export(connection, node, who, authority, REASON)
    path = folder / f"placements-{authority}.csv"
    text = "".join(csv_lines(HEADINGS, (cells(one) for one in rows)))
    with NamedTemporaryFile("wb", dir=folder, prefix=".placements-", delete=False) as file:
        try:
            file.write(text.encode("utf-8-sig"))
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    log.info("placements were exported", authority=authority, rows=len(rows))
    return path
