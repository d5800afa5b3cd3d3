"""Where somebody may go: a few pages stand on every page, and the rest on the start page.

Each is shown to whom it is of use, and never to who may not open it.
"""

from collections.abc import Sequence
from functools import lru_cache

from flask import g, request, url_for

from directory.security.rights.principal import Principal
from directory.security.rights.roles import Role
from directory.security.rights.service import authorities_for, may
from directory.security.rights.table import RIGHTS, Whose
from directory.web.entries import ENTRIES, Entry


@lru_cache(maxsize=256)
def entries(who: Principal, served: frozenset[str]) -> Sequence[Entry]:
    """The pages that are of use to somebody, who may open them: every page of theirs asks."""
    return [
        one
        for one in ENTRIES
        if _is_for(who, one.to) and (_authorities(who, one, served) or may(who, one.action))
    ]


def address(who: Principal, entry: Entry, served: frozenset[str]) -> str:
    """Where an entry leads; who works for several authorities first chooses one."""
    theirs = _authorities(who, entry, served)
    if len(theirs) > 1:
        return url_for("choose.authority", page=entry.endpoint)
    return url_for(entry.endpoint, authority=min(theirs, default=None))


def navigation(served: frozenset[str]) -> list[dict[str, object]]:
    """Items for GOV.UK's service navigation, for who makes the current request."""
    start: dict[str, object] = {
        "text": "Start",
        "href": url_for("start.page"),
        "current": request.endpoint == "start.page",
    }
    return [
        start,
        *(
            {
                "text": one.text,
                "href": address(g.who, one, served),
                "active": request.blueprint in {one.endpoint.partition(".")[0], *one.below},
                "current": request.endpoint == one.endpoint,
            }
            for one in entries(g.who, served)
            if _is_for(g.who, one.on_top)
        ),
    ]


def _is_for(who: Principal, roles: frozenset[Role]) -> bool:
    return any(grant.holder in roles for grant in who.grants)


def _authorities(who: Principal, entry: Entry, served: frozenset[str]) -> frozenset[str]:
    if RIGHTS[entry.action].whose is not Whose.AUTHORITY:
        return frozenset()
    return authorities_for(who, entry.action, served)
