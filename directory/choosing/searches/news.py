"""What is otherwise with the homes that a search finds than when somebody last looked.

Told from the records themselves, wherever they come from: a list of Ofsted's, a provider's words,
or another node. That a newer list says the same again is no change.
"""

from collections import defaultdict
from hashlib import blake2b

import msgspec
from marshmallow import ValidationError
from sqlalchemy import Connection

from directory.choosing.searches.values import News, SavedSearch
from directory.homes.choices import choices
from directory.homes.export import MOST
from directory.homes.query import SearchQuery
from directory.homes.schemas import SearchForm
from directory.homes.service import FoundHome, homes_with, search_all
from protocols.profiles import Profile
from protocols.records import Home

_DIGEST = 6  # bytes


def query_of(replica: Connection, saved: SavedSearch) -> SearchQuery | None:
    """The search that was saved; None where a filter of it is not known any more."""
    try:
        return SearchForm(choices(replica)).read(saved.filters)
    except ValidationError:
        return None


def homes_now(replica: Connection, query: SearchQuery) -> dict[str, str]:
    """By URN, a digest of what is said of each home that a search finds."""
    said: defaultdict[str, list[bytes]] = defaultdict(list)
    for found in search_all(replica, query, MOST):
        said[found.record.urn].append(_said(found))
    return {
        urn: blake2b(b"".join(sorted(claims)), digest_size=_DIGEST).hexdigest()
        for urn, claims in said.items()
    }


def news(replica: Connection, saved: SavedSearch, now: dict[str, str]) -> News:
    """What there is to tell since the last look, when these are the homes now."""
    gone = sorted(saved.known.keys() - now.keys())
    published = homes_with(replica, gone)
    return News(
        found=len(now),
        new=tuple(sorted(now.keys() - saved.known.keys())),
        changed=tuple(
            sorted(urn for urn in now.keys() & saved.known.keys() if now[urn] != saved.known[urn])
        ),
        closed=tuple(urn for urn in gone if urn not in published),
        left=tuple(urn for urn in gone if urn in published),
    )


def _said(found: FoundHome) -> bytes:
    profile = _without_source(found.profile.record) if found.profile else b""
    return _without_source(found.record) + profile


def _without_source(record: Home | Profile) -> bytes:
    told = msgspec.structs.asdict(record)
    del told["source"]
    return msgspec.json.encode(told)
