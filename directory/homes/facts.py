"""Rows of summary lists, and the sections of a page that hold them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of a summary list. `items` are shown as tags, `note` in small print below.

    `link` is an address, its text, and what a screen reader adds so that no two links sound alike.
    """

    key: str
    value: str
    items: tuple[str, ...] = ()
    note: str = ""
    link: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Facts under a heading, from which record they are, and how old that is."""

    heading: str
    facts: list[Fact]
    origin: str = ""
