"""In which encoding a list was saved, decided by what it then says.

A spreadsheet saves the same list as UTF-8, as Windows-1252 or as Mac Roman, and says nowhere which.
UTF-8 proves itself: other text is hardly ever valid by chance. The other two accept almost any
bytes, and the wrong one puts Ð for a dash and í for an apostrophe without an error. So each byte
above 0x7F is looked at with its neighbours, both ways: letters with accents stand inside words in
the case of their neighbours, dashes between spaces or figures, apostrophes before an s. When
neither reading makes more sense than the other, the list is refused.
"""

import codecs
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from directory.records.ofsted.errors import UnreadableList

SAVE_AS = "Open Ofsted's list, save the sheet “Provider level” as “CSV UTF-8”, and import that."
_BLOCK = 1 << 20  # bytes
_MOST_PLACES = 20_000  # that are looked at; Ofsted's lists have a handful
_AROUND = 2  # characters on either side
_HIGH = re.compile(rb"[\x80-\xff]")
_SINGLE = ("cp1252", "mac_roman")
_COMMON_LETTERS = frozenset("éèêëáàâäöüôñç")
_LETTERS = _COMMON_LETTERS | frozenset("íìîïóòúùûÿœæøå")
_IN_ENDINGS = ("s", "t", "d", "m", "r", "l", "v", "S", "T", "D")  # Children's, don't, we'll


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over a file's bytes found: how to decode it, and its SHA-256 (hexadecimal)."""

    encoding: str
    sha256: str


def survey(path: Path, name: str, most_bytes: int) -> Survey:
    """Look through the whole file once, in blocks. Raises UnreadableList."""
    digest = hashlib.sha256()
    utf8 = codecs.getincrementaldecoder("utf-8")()
    valid, size, blank = True, 0, True
    places: list[bytes] = []
    tail = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            size += len(block)
            if size > most_bytes:
                raise UnreadableList(
                    f"{name} is larger than {most_bytes // 1_000_000} MB, so it is no such list. "
                    "Import the provider-level list as Ofsted published it."
                )
            if b"\0" in block:
                raise UnreadableList(
                    f"{name} contains NUL bytes, so it is neither CSV nor a workbook that can be "
                    f"read. {SAVE_AS}"
                )
            digest.update(block)
            blank = blank and not block.strip()
            valid = valid and _goes_on(utf8, block)
            tail = _collect(tail + block, places, len(tail))
    if blank:
        raise UnreadableList(f"{name} is empty. Import the list as Ofsted published it.")
    if valid and _goes_on(utf8, b"", final=True):
        return Survey("utf-8-sig", digest.hexdigest())
    return Survey(tell_apart(places, name), digest.hexdigest())


def tell_apart(places: list[bytes], name: str) -> str:
    """Which of the two single-byte encodings makes sense of these bytes, each in its middle with
    its neighbours. Raises UnreadableList when neither does, or both do.
    """
    if all(place.decode("cp1252", "replace") == place.decode("mac_roman") for place in places):
        return "cp1252"  # as with a file whose only such sign is £
    scores = {encoding: _score(places, encoding) for encoding in _SINGLE}
    windows, mac = scores.values()
    if max(windows, mac) <= 0 or windows == mac:
        raise UnreadableList(
            f"{name} is not UTF-8, and read as Windows-1252 or as Mac Roman its dashes, "
            "apostrophes and accents make no sense. Reading it all the same would change names "
            f"without a sign. {SAVE_AS}"
        )
    return "cp1252" if windows > mac else "mac_roman"


def _goes_on(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _collect(data: bytes, places: list[bytes], fresh: int) -> bytes:
    """Add the high bytes from `fresh` on with their neighbours; gives what the next block needs.

    The last bytes of a block wait for their neighbours; at the end of a file there is a line feed.
    """
    edge = len(data) - _AROUND
    for found in _HIGH.finditer(data, max(0, fresh - _AROUND), max(0, edge)):
        if len(places) >= _MOST_PLACES:
            break
        at = found.start()
        before = data[max(0, at - _AROUND) : at].rjust(_AROUND, b" ")
        places.append(before + data[at : at + 1 + _AROUND])
    return data[-2 * _AROUND :]


def _score(places: list[bytes], encoding: str) -> float:
    total = 0.0
    for place in places:
        try:
            text = place.decode(encoding)
        except UnicodeDecodeError:  # five bytes mean nothing in Windows-1252
            return float("-inf")
        total += _sense(text[_AROUND - 1], text[_AROUND], text[_AROUND + 1], text[_AROUND + 2])
    return total


def _sense(before: str, sign: str, after: str, then: str) -> float:
    """How much sense a character makes between its neighbours: below 0, none."""
    if sign.isalpha():
        return _sense_of_letter(before, sign, after)
    match sign:
        case "’":
            ends = (after in _IN_ENDINGS and not then.islower()) or not after.isalnum()
            name = before.isupper() or after.isupper()  # O’Neill
            return (3 if ends else 1 if name else 0.3) if before.isalnum() else -1
        case "–" | "—":
            alone = before.isspace() and after.isspace()
            figures = before.isdigit() and after.isdigit()
            return 3 if alone or figures else 0.2
        case "‘" | "“":
            return 1 if after.isalnum() and not before.isalnum() else -1
        case "”":
            return 1 if not after.isalnum() and not before.isspace() else -1
        case "£" | "€":
            return 1 if after.isdigit() else -1
        case "…":
            return 0.3 if before.isalnum() and not after.isalnum() else -1
        case "\N{NO-BREAK SPACE}":
            return 0.5
        case "•" | "·" | "®" | "™" | "°" | "½":
            return 0.3
        case _:
            return -2


def _sense_of_letter(before: str, sign: str, after: str) -> float:
    if sign.lower() not in _LETTERS or not (before.isalpha() or after.isalpha()):
        return -2
    weight = 1.0 if sign.lower() in _COMMON_LETTERS else 0.5
    if sign.isupper():
        # CAFÉ and École; never CafÉ or PËre.
        fits = (before.isupper() and not after.islower()) or (
            not before.isalpha() and after.isalpha()
        )
    else:
        # Café and Père; never BRONTë or CAFé.
        fits = not after.isupper() and not (before.isupper() and not after.isalpha())
    return weight if fits else -2
