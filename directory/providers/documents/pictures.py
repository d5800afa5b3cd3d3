"""Pictures inside documents, without what cameras and programs wrote beside what is seen.

Nothing is drawn anew, so nothing of the picture is lost. Of a JPEG (ITU-T T.81) stay the segments
that a decoder needs, JFIF, the colour profile and Adobe's transform; of a PNG (W3C PNG) the chunks
that say how pixels look; of a JPEG 2000 (ITU-T T.800) every box but those for text and others' use.
What stands after the end is dropped.
"""

import re
from collections.abc import Iterator
from io import BytesIO

from PIL import Image

JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG\r\n\x1a\n"
JPEG_2000 = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_ORIENTATION = 0x0112
_SOI, _EOI, _SOS, _APP, _COM = 0xD8, 0xD9, 0xDA, range(0xE0, 0xF0), 0xFE
_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_JFIF_SIZE = 14  # without a thumbnail
_NEXT = re.compile(rb"\xff+(?=[^\x00\xd0-\xd7\xff])")
_LOOKS = frozenset(
    (
        *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT"),
        *(b"sRGB", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT"),
    )
)
_OTHERS_USE = (b"xml ", b"uuid", b"uinf")


def bare(data: bytes, *, turned: bool = False) -> bytes:
    """A picture without it, or what is no picture that can have it as it is. `turned` keeps how the
    camera was held, for who heeds it. Raises ValueError for one that is damaged.
    """
    if data.startswith(JPEG):
        return _bare_jpeg(data, turned=turned)
    if data.startswith(PNG):
        return PNG + b"".join(_chunks(data))
    return b"".join(_boxes(data)) if data.startswith(JPEG_2000) else data


def _bare_jpeg(data: bytes, *, turned: bool) -> bytes:
    parts, at = [b"\xff\xd8"], 2
    if turned:
        parts.append(_held(data))
    while True:
        found = _NEXT.match(data, at)
        if found is None:
            raise ValueError("no marker where one belongs")
        marker, at = data[found.end()], found.end() + 1
        if marker == _EOI:
            return b"".join([*parts, b"\xff\xd9"])
        size = int.from_bytes(data[at : at + 2])
        segment = data[at + 2 : at + size]
        if size < 2 or len(segment) != size - 2:
            raise ValueError("a segment that is cut off")
        at += size
        kept = _segment(marker, segment)
        if kept is not None:
            parts.append(bytes((0xFF, marker)) + (len(kept) + 2).to_bytes(2) + kept)
        if marker == _SOS:
            ends = _NEXT.search(data, at)
            if ends is None:
                raise ValueError("no end")
            parts.append(data[at : ends.start()])
            at = ends.start()


def _segment(marker: int, segment: bytes) -> bytes | None:
    """A segment as it stays; None for one that goes."""
    if marker == _COM:
        return None
    if marker not in _APP:
        return segment
    begins = _KEPT.get(marker)
    if begins is None or not segment.startswith(begins):
        return None
    return segment[: _JFIF_SIZE - 2] + b"\0\0" if marker == _APP[0] else segment


def _held(data: bytes) -> bytes:
    """The segment that says how the camera was held, alone; none where it was upright."""
    held = Image.open(BytesIO(data), formats=("JPEG",)).getexif().get(_ORIENTATION)
    if held not in range(2, 9):
        return b""
    exif = Image.Exif()
    exif[_ORIENTATION] = held
    said = exif.tobytes()
    return b"\xff\xe1" + (len(said) + 2).to_bytes(2) + said


def _chunks(data: bytes) -> Iterator[bytes]:
    at, kind = len(PNG), b""
    while kind != b"IEND":
        end = at + 12 + int.from_bytes(data[at : at + 4])
        kind = data[at + 4 : at + 8]
        if end > len(data):
            raise ValueError("a chunk that is cut off")
        if kind in _LOOKS:
            yield data[at:end]
        at = end


def _boxes(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        end = at + size if size else len(data)
        if end > len(data) or (size and size < 8):
            raise ValueError("a box that is cut off")
        if kind not in _OTHERS_USE:
            yield data[at:end]
        at = end
