"""Who may use which route of a node's web application: one table for all of them.

A route without a row is refused, so that forgetting one opens nothing. Members' tokens are checked
by the routes between nodes themselves; that they are is in their own table, `federation.ROUTES`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue

from directory.api.surface import admit_system
from directory.rights.table import Action
from directory.web.loopback import only_loopback
from federation import ROUTES, Access

Who: TypeAlias = Access | Action | Literal["a person at this machine"]
LOOPBACK: Who = "a person at this machine"

TABLE: Mapping[str, Who] = MappingProxyType(
    {
        **ROUTES,
        "static": LOOPBACK,
        "homes.start": LOOPBACK,
        "homes.search_page": LOOPBACK,
        "homes.home_page": LOOPBACK,
        "api.authorities": Action.ENTER,
        "api.home": Action.FIND_HOMES,
        "api.homes": Action.FIND_HOMES,
        "api.token": Action.ENTER,
    }
)


def hold_to_table(app: Flask) -> None:
    """Refuse every request that the table does not allow, before anything else sees it."""

    @app.before_request
    def _hold() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None  # there is no such route; the answer is 404 or 405
        who = TABLE.get(request.endpoint)
        if who is None:
            abort(403, "No rule says who may use this.")
        if isinstance(who, Action):
            admit_system(who)
        return only_loopback() if who == LOOPBACK else None
