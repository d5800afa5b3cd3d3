"""Addresses of the search and of a home, and of what others say about the home.

What could describe a child stands in none of them (`SearchQuery.posted`).
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from flask import request, url_for

from directory.homes.query import SearchQuery
from protocols.records import Home

# https://reports.ofsted.gov.uk/provider/2/<URN> is Ofsted's page of a children's home. Pages of
# other kinds of provision stand under other numbers: for those, Ofsted's own search finds the page.
_OFSTED = "https://reports.ofsted.gov.uk"
_OFSTED_URN = re.compile(r"(?:SC)?[0-9]{5,8}")


SEARCH, MAP, FILE = "homes.search_page", "homes.map_page", "homes.export"


def search_address(query: SearchQuery, endpoint: str = SEARCH, **changes: Any) -> str:
    """The page of a search, with some of it changed; a change of filter leads to page 1.

    What could describe a child is in no address: who follows this posts it.
    """
    return _path(request.script_root, endpoint) + _asking(arguments(query, **changes))


def home_address(urn: str, query: SearchQuery) -> str:
    """The page of a home, which keeps the search that led to it."""
    return home_addresses(query)(urn)


def home_addresses(query: SearchQuery) -> Callable[[str], str]:
    """The same for every home of a search, by URN."""
    base, asking = _path(request.script_root, SEARCH), _asking(arguments(query, page=query.page))
    return lambda urn: f"{base}/{quote(urn, safe='')}{asking}"


@lru_cache(maxsize=16)
def _path(_root: str, endpoint: str) -> str:
    """A page of results has dozens of addresses, and Flask takes longer over each than the rest."""
    return url_for(endpoint)


def _asking(arguments: dict[str, str]) -> str:
    return f"?{urlencode(arguments)}" if arguments else ""


def place_on_page(urn: str) -> str:
    """Where a home stands on a page of results, so that going back leads to it."""
    return f"home-{urn}"


def ofsted_address(home: Home) -> str | None:
    """Ofsted's public page of a home; None for a URN that Ofsted would not give."""
    if not _OFSTED_URN.fullmatch(home.urn):
        return None
    if home.provision == "Children's home":
        return f"{_OFSTED}/provider/2/{home.urn}"
    return f"{_OFSTED}/search?q={quote(home.urn)}"


def lasting(query: SearchQuery) -> dict[str, str]:
    """What of a search may be kept: its filters, without what could describe a child. Nor that of
    vacancies, since which homes had one, and when, tells who came and went.
    """
    left_out = ("order", "page", "vacancy")
    return {name: text for name, text in arguments(query).items() if name not in left_out}


def arguments(query: SearchQuery, **changes: Any) -> dict[str, str]:
    """What stands in the address of a search, with some of it changed."""
    asked = replace(query, **{"page": 1, **changes})
    posted = {"away", *asked.posted}
    return {
        name: str(value)
        for name in SearchQuery.__slots__
        if name not in posted and (value := getattr(asked, name)) and (name, value) != ("page", 1)
    }
