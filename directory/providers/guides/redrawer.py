"""A process of its own that draws a picture anew, so that nothing of the file it came in is left.

`python -m directory.providers.guides.redrawer` answers with a JPEG without metadata (EXIF,
position, colour profile, comments), turned as the camera meant it; or with the reason why
not, in one word.
"""

from io import BytesIO

from PIL import Image, ImageOps

from directory.intake.apart.limits import answer_once

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 40_000_000
SMALLEST = 200  # pixels, of the shorter side
WIDEST = (1280, 1280)
LONGEST_ANSWER = 4 * 1024 * 1024  # bytes
_QUALITY = 80


def redraw(data: bytes) -> bytes:
    """The picture as JPEG; `pixels` or `small` where it has too many or too few."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    # What is large is refused by what stands at the beginning, before a pixel is unpacked.
    with Image.open(BytesIO(data), formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            return b"pixels"
        if min(picture.size) < SMALLEST:
            return b"small"
        picture.draft("RGB", WIDEST)
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail(WIDEST)
        plain = Image.new("RGB", upright.size, "white")
        plain.paste(upright, mask=upright if upright.mode in ("RGBA", "LA") else None)
    drawn = BytesIO()
    plain.save(drawn, "JPEG", quality=_QUALITY, optimize=True)
    return drawn.getvalue()


if __name__ == "__main__":
    answer_once(redraw, LONGEST_ANSWER)
