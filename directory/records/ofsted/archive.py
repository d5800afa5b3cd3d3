"""A workbook's archive, looked through before anything is made of it.

XLSX and ODS are ZIP archives of XML. A small one can unpack to more than the machine holds, so
every part is unpacked once in blocks, and counted as it comes, whatever the archive declares.
Neither format needs a document type definition, so one is refused: entities could be in it. A
reader keeps a whole row in memory, so there is a ceiling for what stands between two rows.
"""

import re
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path

from directory.records.ofsted.errors import UnreadableList

MOST_PACKED = 60_000_000  # bytes; Ofsted's workbooks of all years have less than two million
MOST_UNPACKED = 250_000_000
MOST_PARTS = 2_000
_MOST_WITHIN_A_ROW = 2_000_000
_MOST_IN_A_PART = 2_000_000  # of those that are read whole
_BLOCK = 1 << 18
_ROW = re.compile(rb"<(?:[A-Za-z0-9]+:)?(?:row|table-row|si)\b")
_DEFINITION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_STREAMED = re.compile(r"xl/worksheets/[^/]+\.xml|xl/sharedStrings\.xml|content\.xml")
_READ_WHOLE = re.compile(r"(?:xl|docProps|_rels|\[Content_Types\]).*\.(?:xml|rels)")


def look_through(path: Path, name: str) -> None:
    """Unpack everything once, keeping nothing. Raises UnreadableList."""
    if path.stat().st_size > MOST_PACKED:
        raise UnreadableList(
            f"{name} is larger than {MOST_PACKED // 1_000_000} MB, so it is no such workbook. "
            "Import the list as Ofsted published it."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if (
                len(parts) > MOST_PARTS
                or sum(part.file_size for part in parts) > MOST_UNPACKED
                or len({part.filename for part in parts}) < len(parts)
            ):
                raise _too_large(name)
            left = MOST_UNPACKED
            for part in parts:
                left -= _unpack(archive, part, left, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise damaged(name) from error


def damaged(name: str) -> UnreadableList:
    """For a workbook that cannot be read to its end."""
    return UnreadableList(
        f"{name} is a workbook that is damaged or protected by a password, and nothing of it was "
        "kept. Download it again, or open it, save the sheet “Provider level” as “CSV UTF-8”, and "
        "import that."
    )


def _too_large(name: str) -> UnreadableList:
    return UnreadableList(
        f"{name} unpacks to more than {MOST_UNPACKED // 1_000_000} MB or to parts out of all "
        "proportion, which no list of Ofsted's comes near, and nothing of it was kept. If it is "
        "such a list, save the sheet “Provider level” as “CSV UTF-8”, and import that."
    )


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int, name: str) -> int:
    streamed = bool(_STREAMED.fullmatch(part.filename))
    whole = not streamed and bool(_READ_WHOLE.fullmatch(part.filename))
    size = since_row = 0
    tail = b""
    with archive.open(part) as file:
        while block := file.read(_BLOCK):
            size += len(block)
            if size > most or (whole and size > _MOST_IN_A_PART):
                raise _too_large(name)
            if streamed or whole:
                data = tail + block
                if _DEFINITION.search(data) or data.startswith((b"\xff\xfe", b"\xfe\xff")):
                    raise damaged(name)
                starts = [found.start() for found in _ROW.finditer(data)] if streamed else []
                gaps = [after - at for at, after in pairwise(starts)]
                gaps.append(since_row + (starts[0] if starts else len(data)))
                if streamed and max(gaps) > _MOST_WITHIN_A_ROW:
                    raise _too_large(name)
                since_row = len(data) - starts[-1] if starts else since_row + len(block)
                tail = data[-40:]
    return size
