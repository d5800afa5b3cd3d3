"""The files that somebody has chosen for a notice: taken all, or none with the reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from directory.intake.attachments.errors import AttachmentError, TooMuch, UnusableName
from directory.intake.attachments.kinds import kind_of, size_of
from federation import Enclosure
from protocols.attachments import (
    ENDINGS,
    FILE_NAME,
    MAX_ATTACHED,
    MAX_ATTACHMENTS,
    MAX_FILE_NAME,
    MediaType,
)
from protocols.kinds import HIDDEN

_UNUSABLE = re.compile(rf"[\x00-\x1f{HIDDEN}/\\:*?\"<>|]+")
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chosen:
    """A file as it was chosen: what it is called there, and its content, to be read anywhere."""

    name: str
    content: IO[bytes]


def enclosures(files: Sequence[Chosen]) -> list[Enclosure]:
    """The files as they are sent. Raises an AttachmentError, with the number of the file."""
    if len(files) > MAX_ATTACHMENTS:
        raise TooMuch(f"Attach {MAX_ATTACHMENTS} files or fewer")
    taken: list[Enclosure] = []
    left = MAX_ATTACHED
    for number, file in enumerate(files):
        try:
            left -= _size(file, left)
            kind = kind_of(file.content)
            name = _clean(file.name, kind, {one.name.casefold() for one in taken})
        except AttachmentError as error:
            error.number = number
            raise
        taken.append(Enclosure(name, kind, file.content))
    return taken


def _size(file: Chosen, left: int) -> int:
    size = size_of(file.content)
    if size == 0:
        raise TooMuch("is empty. Choose another file")
    if size > left:
        raise TooMuch(
            f"is too large: all files together may have {MAX_ATTACHED // _MB} MB. Leave one out, "
            "or save it smaller"
        )
    return size


def _clean(name: str, kind: MediaType, others: set[str]) -> str:
    """The last part of a name, without what would mislead, ending as its kind does."""
    whole = _UNUSABLE.sub(" ", re.split(r"[/\\]", name)[-1]).strip(" .")
    ending = PurePath(whole).suffix
    stem = whole.removesuffix(ending) if ending.lower() in ENDINGS[kind] else whole
    ending = ending if ending.lower() in ENDINGS[kind] else ENDINGS[kind][0]
    stem = stem[: MAX_FILE_NAME - len(ending) - len(" (10)")].strip(" .") or "file"
    made, again = f"{stem}{ending}", 1
    while made.casefold() in others:
        again += 1
        made = f"{stem} ({again}){ending}"
    if not re.search(FILE_NAME, made):
        raise UnusableName("has a name that cannot be kept. Rename it, and attach it again")
    return made
