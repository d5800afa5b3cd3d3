"""What surrounds the results of a search: form, filters in force, links to other pages."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from directory.country.codes.service import label, needs, offers
from directory.homes.addresses import search_address
from directory.homes.choices import Choices
from directory.homes.narrowing import Counts
from directory.homes.nearness import find_origin, read_origin
from directory.homes.ordering import orders_for, stated_order
from directory.homes.query import JUDGEMENTS, PROFILES, PROVISIONS, SearchQuery
from directory.web.paging import page_links

_EMPTY = {one.name: one.default for one in dataclass_fields(SearchQuery)}
Option = dict[str, str | bool]
"""An entry of a select, as GOV.UK's macro takes it."""


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A filter in force, and the search without it."""

    name: str
    what: str
    value: str
    without: SearchQuery
    endpoint: str

    @property
    def remove(self) -> str:
        """The address of the search without it."""
        return search_address(self.without, self.endpoint)


def form_options(
    offered: Choices, typed: Mapping[str, str], counts: Counts | None = None
) -> dict[str, Markup]:
    """The entries of each select, with what was chosen before, also where it has no homes.

    With `counts`, each says how many homes it would leave.
    """
    counts = counts or {}
    authorities = {code: choice.name for code, choice in offered.authorities.items()}
    regions = {region: region for region in offered.regions}
    if (code := typed["authority"]) and (chosen := offered.authority(code)):
        authorities.setdefault(chosen.gss, chosen.name)
    if (region := typed["region"]) and offered.knows_region(region):
        regions.setdefault(region, region)
    selects: list[tuple[str, str, dict[str, str]]] = [
        ("region", "All regions", regions),
        ("authority", "All authorities", authorities),
        ("provision", "All types", {one: one for one in PROVISIONS}),
        ("judgement", "Any", {one: one for one in JUDGEMENTS}),
        ("need", "Any", needs()),
        ("offer", "Any", offers()),
        ("profile", "Any", {one: one for one in PROFILES}),
    ]
    return {
        name: _options(all_of_them, known, typed[name], counts.get(name))
        for name, all_of_them, known in selects
    }


def places_links(query: SearchQuery, counts: Counts, endpoint: str) -> list[tuple[str, str]]:
    """For numbers of places that homes have: how many have so many, and the search for them."""
    return [
        (f"{least} or more ({count:,})", search_address(query, endpoint, min_places=int(least)))
        for least, count in counts["min_places"].items()
        if count
    ]


def order_options(query: SearchQuery) -> list[Option]:
    """The orders that make sense. The usual one has no value, so that it stays the usual one."""
    usual, chosen = orders_for(query)[0], stated_order(query)
    return [
        {
            "value": "" if order == usual else order,
            "text": order[0].upper() + order[1:],
            "selected": order == chosen,
        }
        for order in orders_for(query)
    ]


def active_filters(query: SearchQuery, offered: Choices, endpoint: str) -> list[ActiveFilter]:
    """The filters in force, in the order of the form."""
    authority = offered.authority(query.authority) if query.authority else None
    origin = read_origin(query.near or "")
    away = (find_origin(code).name for code in query.away)
    shown: list[tuple[str, str, str | None]] = [
        ("words", "Words", query.words),
        ("region", "Region", query.region),
        ("authority", "Authority", authority.name if authority else None),
        ("provision", "Type", query.provision),
        ("judgement", "Judgement", query.judgement),
        ("need", "Need", label(query.need) if query.need else None),
        ("offer", "Offers", label(query.offer) if query.offer else None),
        ("profile", "Profile", query.profile),
        ("min_places", "Places", f"{query.min_places} or more" if query.min_places else None),
        ("near", "Nearest to", origin.name if origin else None),
        ("away", "Away from", "; ".join(away)),
        ("vacancy", "Vacancy", "now or soon" if query.vacancy else None),
    ]
    return [
        ActiveFilter(name, what, value, _without(query, name), endpoint)
        for name, what, value in shown
        if value
    ]


def pagination(query: SearchQuery, page: int, pages: int) -> dict[str, Any] | None:
    """Links to the other pages of results."""
    return page_links(
        page, pages, lambda number: search_address(query, page=number), "Pages of results"
    )


def _without(query: SearchQuery, name: str) -> SearchQuery:
    changes: dict[str, Any] = {name: _EMPTY[name], "page": 1}
    return replace(query, **changes)


def _options(
    all_of_them: str, known: Mapping[str, str], chosen: str, counted: Mapping[str, int] | None
) -> Markup:
    """As HTML: there are hundreds on each page, and a template takes longer than the search."""
    lines = [_option("", all_of_them, not chosen)]
    for value, text in known.items():
        beside = "" if counted is None else f" ({counted.get(value, 0):,})"
        lines.append(_option(value, text, value == chosen, beside))
    return Markup("".join(lines))  # noqa: S704 - escaped by `_option`


def _option(value: str, text: str, selected: bool, beside: str = "") -> str:
    chosen = " selected" if selected else ""
    return f'<option value="{_escaped(value)}"{chosen}>{_escaped(text)}{beside}</option>'


@lru_cache(maxsize=2048)
def _escaped(text: str) -> str:
    return str(escape(text))
