"""What surrounds the results of a search: form, filters in force, links to other pages."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from directory.homes.addresses import search_address
from directory.homes.choices import Choices
from directory.homes.query import JUDGEMENTS, ORDERS, PROVISIONS, SearchQuery

Option = dict[str, str | bool]
"""An entry of a select, as GOV.UK's macro takes it."""


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A filter in force, and the search without it."""

    name: str
    what: str
    value: str
    without: SearchQuery

    @property
    def remove(self) -> str:
        """The address of the search without it."""
        return search_address(self.without)


def form_options(offered: Choices, typed: Mapping[str, str]) -> dict[str, list[Option]]:
    """The entries of each select, with what was chosen before, also where it has no homes."""
    authorities = {code: choice.name for code, choice in offered.authorities.items()}
    regions = {region: region for region in offered.regions}
    if (code := typed["authority"]) and (chosen := offered.authority(code)):
        authorities.setdefault(chosen.gss, chosen.name)
    if (region := typed["region"]) and offered.knows_region(region):
        regions.setdefault(region, region)
    return {
        "region": _options("All regions", regions, typed["region"]),
        "authority": _options("All authorities", authorities, typed["authority"]),
        "provision": _options("All types", {one: one for one in PROVISIONS}, typed["provision"]),
        "judgement": _options("Any", {one: one for one in JUDGEMENTS}, typed["judgement"]),
    }


def order_options(query: SearchQuery, has_words: bool) -> list[Option]:
    """The orders that make sense. The usual one has no value, so that it stays the usual one."""
    usual = "best match" if has_words else "authority A to Z"
    orders = {
        "" if order == usual else order: order[0].upper() + order[1:]
        for order in ORDERS
        if has_words or order != "best match"
    }
    return [
        {"value": value, "text": text, "selected": value == (query.order or "")}
        for value, text in orders.items()
    ]


def active_filters(query: SearchQuery, offered: Choices) -> list[ActiveFilter]:
    """The filters in force, in the order of the form."""
    authority = offered.authority(query.authority) if query.authority else None
    shown: list[tuple[str, str, str | None]] = [
        ("words", "Words", query.words),
        ("region", "Region", query.region),
        ("authority", "Authority", authority.name if authority else None),
        ("provision", "Type", query.provision),
        ("judgement", "Judgement", query.judgement),
        ("min_places", "Places", f"{query.min_places} or more" if query.min_places else None),
    ]
    return [
        ActiveFilter(name, what, value, _without(query, name))
        for name, what, value in shown
        if value
    ]


def pagination(query: SearchQuery, page: int, pages: int) -> dict[str, Any] | None:
    """Links to the first, the last and the neighbouring pages, as GOV.UK's macro takes them."""
    if pages == 1:
        return None
    near = sorted({1, pages, *(n for n in (page - 1, page, page + 1) if 1 <= n <= pages)})
    items: list[dict[str, Any]] = []
    for before, number in zip([0, *near], near, strict=False):
        if number - before > 1:
            items.append({"ellipsis": True})
        items.append(
            {
                "number": number,
                "href": search_address(query, page=number),
                "current": number == page,
            }
        )
    links: dict[str, Any] = {"items": items, "landmarkLabel": "Pages of results"}
    if page > 1:
        links["previous"] = {"href": search_address(query, page=page - 1)}
    if page < pages:
        links["next"] = {"href": search_address(query, page=page + 1)}
    return links


def _without(query: SearchQuery, name: str) -> SearchQuery:
    changes: dict[str, Any] = {name: "" if name == "words" else None, "page": 1}
    return replace(query, **changes)


def _options(all_of_them: str, known: Mapping[str, str], chosen: str) -> list[Option]:
    options: list[Option] = [{"value": "", "text": all_of_them, "selected": not chosen}]
    options += [
        {"value": value, "text": text, "selected": value == chosen} for value, text in known.items()
    ]
    return options
