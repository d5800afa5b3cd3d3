"""A text as patterns read it: one spelling of digits, dashes and spaces, and where each stood."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plain:
    """A text in plain spelling. `places[n]` is where its character n stands in the original."""

    text: str
    places: list[int]

    def where(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the plain text, in characters of the original; the end is exclusive."""
        return self.places[start], self.places[end - 1] + 1


def plain(text: str) -> Plain:
    """Full-width and other scripts' digits become ASCII's, every dash a hyphen, every white space a
    space; what has no width, and accents, are left out.
    """
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for one in unicodedata.normalize("NFKD", character):
            kept = _plain(one)
            letters += kept
            places += [place] * len(kept)
    return Plain("".join(letters), places)


def _plain(one: str) -> str:
    kind = unicodedata.category(one)
    if kind in ("Mn", "Me", "Cf"):
        return ""
    if kind == "Pd" or one == "\u2212":
        return "-"
    if kind in ("Zs", "Zl", "Zp", "Cc"):
        return " "
    if kind == "Nd":
        return str(unicodedata.decimal(one))
    return "'" if one in "\u2018\u2019\u02bc" else one
