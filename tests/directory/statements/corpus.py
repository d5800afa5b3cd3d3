"""Made-up statements of purpose, as what stands in them; `layouts` makes files of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Document:
    """A statement: each section is a heading, the matter that it is about, and what it says."""

    name: str
    layout: str
    sections: tuple[tuple[str, str | None, str], ...]
