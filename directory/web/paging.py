"""Links to the pages of a long list, as GOV.UK's pagination takes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """One page of a list, from 1, and how many there are."""

    shown: Sequence[T]
    page: int
    pages: int


def paged(everything: Sequence[T], asked: str | None, size: int) -> Paged[T]:
    """The page that an address asks for; the first or the last where there is no such page."""
    pages = max(1, -(-len(everything) // size))
    number = int(asked) if asked and asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    page = min(max(1, number), pages)
    return Paged(everything[(page - 1) * size : page * size], page, pages)


def page_links(
    page: int, pages: int, address: Callable[[int], str], label: str
) -> dict[str, Any] | None:
    """Links to the first, the last and the neighbouring pages; None where there is one page."""
    if pages == 1:
        return None
    near = sorted({1, pages, *(n for n in (page - 1, page, page + 1) if 1 <= n <= pages)})
    items: list[dict[str, Any]] = []
    for before, number in zip([0, *near], near, strict=False):
        if number - before > 1:
            items.append({"ellipsis": True})
        items.append({"number": number, "href": address(number), "current": number == page})
    links: dict[str, Any] = {"items": items, "landmarkLabel": label}
    if page > 1:
        links["previous"] = {"href": address(page - 1)}
    if page < pages:
        links["next"] = {"href": address(page + 1)}
    return links
