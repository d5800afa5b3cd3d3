"""Backing a node up while it runs, and restoring it.

A backup holds the database `node`, the node's description and its charter: never a key. Restoring
needs the keys, and happens in full or not at all; what was destroyed since stays so, because every
start replays the erasures beside the keys.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, func, select

from directory.database import MIGRATIONS
from directory.node.backup import archive, postgresql, sqlite
from directory.node.backup.archive import DATABASE, Report
from directory.node.backup.errors import (
    ForeignBackup,
    NewerBackup,
    UnusableBackup,
    WouldReplace,
)
from directory.node.backup.manifest import Manifest, is_proved, proof
from directory.security.audit.models import audit_row
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.epochs import current_epoch, epoch_key, keys_of, read_key
from federation import (
    Node,
    database_at,
    forget_vouched_for,
    keep_database,
    open_database,
    own_log,
    read_member,
    reading,
    writing,
)

_PUBLIC = ("member.json", "charter.note")


def back_up(node: Node, who: Principal, target: Path, report: Report) -> Manifest:
    """Write a backup into a new file, in one step; the node may run meanwhile.

    Raises NotAllowed, NoTool, or OSError; then there is no file.
    """
    require(who, Action.RUN_NODE)
    if target.exists():
        raise WouldReplace(f"{target} exists, and is not overwritten. Name another file.")
    with writing(node.node_db) as connection:
        note(connection, node, who, "back up the node")
    with _beside(target) as folder:
        with reading(node.node_db) as connection:
            log = own_log(connection)
            rows = connection.scalar(select(func.count()).select_from(audit_row))
            epoch = current_epoch(connection)
            revision = MigrationContext.configure(connection).get_current_revision()
            key = epoch_key(connection, keys_of(node), epoch)
            report("copying")
            _copy(connection, folder / DATABASE, report)
        parts = {DATABASE: folder / DATABASE} | {name: node.folder / name for name in _PUBLIC}
        report("comparing")
        manifest = Manifest(
            format=1,
            node=node.name,
            origin=node.member.origin,
            made_at=node.now(),
            software=version("commonhearth"),
            database="sqlite" if node.node_db.dialect.name == "sqlite" else "postgresql",
            revision=revision or "",
            log_size=log.size if log else 0,
            audit_rows=rows or 0,
            epoch=epoch,
            parts={name: archive.part_of(path) for name, path in parts.items()},
        )
        said = archive.encode_manifest(manifest)
        report("writing")
        archive.write_archive(folder / "archive", said, proof(said, key), parts)
        (folder / "archive").rename(target)
        _to_disk(target.parent)
    return manifest


def restore(
    folder: Path, file: Path, report: Report, *, database: str | None, replace: bool
) -> tuple[Manifest, str | None]:
    """Put a backup in the place of a node's database, with the node stopped.

    The keys have to be in the data directory; its description and charter come from the backup
    where they are not. `database` is the address of a PostgreSQL database, see federation's
    `open_database`. Gives the manifest, and where what was there before is kept, if it was.
    Raises a BackupError, or a VaultError about the key that proves the backup.
    """
    manifest, said, claimed = archive.read_manifest(file)
    _check_origin(folder, manifest)
    if not is_proved(said, claimed, read_key(folder / "keys", manifest.epoch)):
        raise UnusableBackup(
            f"{file} was not made with this node's key of epoch {manifest.epoch}, or was changed "
            "since. Nothing was changed; take another."
        )
    _check_revision(manifest)
    address = database_at(folder, database)
    if manifest.database != ("postgresql" if address else "sqlite"):
        raise ForeignBackup(
            f"The backup is of a {manifest.database} database, and this node's is another kind. "
            "Nothing was changed. Set HEARTH_DATABASE to the address of the PostgreSQL database "
            "that is to hold the node, or unset it for SQLite."
        )
    aside = f"before_{datetime.now(UTC):%Y%m%d_%H%M%S_%f}"
    with _beside(folder / "restored") as staged, _place(folder, address) as place:
        if place.exists() and not replace:
            raise WouldReplace(
                "There is a database already. Nothing was changed. With --yes it is put aside and "
                "the backup takes its place."
            )
        archive.unpack(file, manifest, staged, report)
        report("putting it in place")
        forget_vouched_for(folder)
        kept = place.replace(staged / DATABASE, aside)
        for name in _PUBLIC:
            if not (folder / name).exists():
                (staged / name).rename(folder / name)
        if address:
            keep_database(folder, address)
        _to_disk(folder)
    return manifest, kept


@contextmanager
def _place(folder: Path, address: str | None) -> Iterator[sqlite.Files | postgresql.Schemas]:
    """Where a node's databases are."""
    if address is None:
        yield sqlite.Files(folder)
        return
    engine = open_database(folder, "node", address)
    try:
        yield postgresql.Schemas(engine)
    finally:
        engine.dispose()


def _check_origin(folder: Path, manifest: Manifest) -> None:
    if not (folder / "member.json").exists():
        return
    member = read_member(folder)
    if (member.node, member.origin) != (manifest.node, manifest.origin):
        raise ForeignBackup(
            f"The backup is of the node {manifest.node} ({manifest.origin}), and this is "
            f"{member.node} ({member.origin}). Nothing was changed."
        )


def _check_revision(manifest: Manifest) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS / "node").replace("%", "%%"))
    try:
        ScriptDirectory.from_config(config).get_revision(manifest.revision)
    except CommandError:
        raise NewerBackup(
            f"The backup was made by version {manifest.software}, whose database (schema "
            f"{manifest.revision}) this version, {version('commonhearth')}, does not know. Nothing "
            "was changed; install that version first."
        ) from None


def _copy(connection: Connection, target: Path, report: Report) -> None:
    if connection.dialect.name == "sqlite":
        sqlite.copy(connection, target, report)
    else:
        postgresql.dump(connection, target)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A folder for its owner alone, on the same disk, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
