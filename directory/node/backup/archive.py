"""The archive: a tar file of known parts, the manifest first, readable by its owner alone."""

import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import file_digest
from io import BytesIO
from pathlib import Path
from typing import IO

import msgspec
from msgspec.json import Decoder

from directory.node.backup.errors import UnusableBackup
from directory.node.backup.manifest import Manifest, Part
from protocols.encoding import decode_json
from protocols.errors import Malformed

_MANIFEST = Decoder(Manifest)

MANIFEST, PROOF = "manifest.json", "manifest.proof"
DATABASE = "node"
PARTS = frozenset({DATABASE, "member.json", "charter.note"})
_LARGEST = 65_536
_BLOCK = 1_048_576

Report = Callable[[str], None]


def part_of(path: Path) -> Part:
    """Size and digest of a file."""
    with path.open("rb") as file:
        return Part(os.fstat(file.fileno()).st_size, file_digest(file, "sha256").hexdigest())


def write_archive(target: Path, manifest: bytes, proved: bytes, parts: Mapping[str, Path]) -> None:
    """Write the archive to a file of mode 0600, on disk when this returns."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name, data in ((MANIFEST, manifest), (PROOF, proved)):
                archive.addfile(_entry(name, len(data)), BytesIO(data))
            for name, path in parts.items():
                with path.open("rb") as part:
                    archive.addfile(_entry(name, path.stat().st_size), part)
        file.flush()
        os.fsync(file.fileno())


def read_manifest(file: Path) -> tuple[Manifest, bytes, bytes]:
    """What an archive says of itself, the exact bytes of that, and their proof: not yet checked.

    Raises UnusableBackup.
    """
    with _opened(file) as archive:
        data = _small(archive, MANIFEST)
        claimed = _small(archive, PROOF)
    try:
        manifest = decode_json(data, _MANIFEST, "manifest")
    except Malformed as error:
        raise UnusableBackup(f"{file}: {error}. {_CHANGED}") from None
    if manifest.parts.keys() != PARTS:
        raise UnusableBackup(f"{file} has not the parts of a backup. {_CHANGED}")
    return manifest, data, claimed


def unpack(file: Path, manifest: Manifest, folder: Path, report: Report) -> None:
    """Bring the parts of an archive into a folder, each checked against the manifest.

    Raises UnusableBackup for a byte too many, too few, or other than it was.
    """
    with _opened(file) as archive:
        for name in (MANIFEST, PROOF):
            _small(archive, name)
        for name, part in manifest.parts.items():
            _unpack_part(archive, name, part, folder / name, report)
        if archive.next() is not None:
            raise tarfile.ReadError("a part too many")


_CHANGED = "It was cut off or changed, or is something else. Nothing was changed; take another."


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    """An archive, to be read from its beginning to its end."""
    try:
        with tarfile.open(file, "r:") as archive:
            yield archive
    except (tarfile.TarError, EOFError, ValueError, OverflowError):
        raise UnusableBackup(f"{file} is not a whole backup of a node. {_CHANGED}") from None


def _next(archive: tarfile.TarFile, name: str) -> tuple[int, IO[bytes]]:
    """Size and content of the next part, which has to be a file of this name."""
    found = archive.next()
    stream = archive.extractfile(found) if found and found.isreg() else None
    if found is None or stream is None or found.name != name:
        raise tarfile.ReadError("not the part that stands there")
    return found.size, stream


def _small(archive: tarfile.TarFile, name: str) -> bytes:
    size, stream = _next(archive, name)
    if size > _LARGEST:
        raise tarfile.ReadError("too large")
    return stream.read()


def _unpack_part(
    archive: tarfile.TarFile, name: str, wanted: Part, target: Path, report: Report
) -> None:
    size, stream = _next(archive, name)
    if size != wanted.size:
        raise tarfile.ReadError("another size")
    descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        while block := stream.read(_BLOCK):
            file.write(block)
            if name == DATABASE:
                report(f"{file.tell() * 100 // size} % read")
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        if file_digest(file, "sha256").hexdigest() != wanted.sha256:
            raise tarfile.ReadError("other bytes")


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def encode_manifest(manifest: Manifest) -> bytes:
    """The exact bytes that are proved."""
    return msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"
