"""Saved searches, for systems: kept by the system whose token it is, with what is new since."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from sqlalchemy import Connection

from directory.api.answering import PERSONAL, answer
from directory.api.fields import AUTHORITY, MEMBERS, PUBLIC, of
from directory.api.homes import HomesQuery
from directory.api.once import Done, IdempotencyHeader, once
from directory.api.surface import PREFIX, api, problems, this_node
from directory.choosing.searches.schemas import fit
from directory.choosing.searches.service import (
    Kept,
    forget,
    mark_looked,
    one_search,
    save,
    saved_searches,
)
from directory.choosing.searches.values import News
from federation import reading, writing
from protocols.kinds import WRITTEN
from protocols.problems import Problem

_SEARCHES = "/saved-searches"
_SEARCH = {
    "in": "path",
    "name": "search",
    "description": "Id of the saved search.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
}
_WRITE = (
    Problem.IDEMPOTENCY_KEY_WANTED,
    Problem.BAD_REQUEST,
    Problem.CONFLICT,
    Problem.INVALID,
    Problem.IDEMPOTENCY_KEY_REUSED,
)


class LastingFilters(HomesQuery):
    """The filters of a search that can be kept; all have to hold."""

    class Meta(HomesQuery.Meta):
        exclude = ("vacancy", "order", "page")


class ToSave(Schema):
    """A search to keep."""

    called = fields.String(
        required=True,
        validate=[
            validate.Length(1, 80),
            validate.Regexp(WRITTEN, error="Has characters that cannot stand here."),
            fit,
        ],
        metadata=of(AUTHORITY, "What you call it. Name no child.", format="published"),
    )
    filters = fields.Nested(
        LastingFilters, required=True, metadata=of(AUTHORITY, "As of `GET /homes`.")
    )


class SavedSearch(Schema):
    """A search that is kept, and what is otherwise than when it was last marked as seen."""

    id = fields.String(required=True, metadata=of(AUTHORITY, "Id of the saved search."))
    called = fields.String(required=True, metadata=of(AUTHORITY, "What it is called."))
    filters = fields.Dict(
        keys=fields.String(metadata=of(PUBLIC, "A filter of `GET /homes`.")),
        values=fields.String(metadata=of(AUTHORITY, "Its value.")),
        required=True,
        metadata=of(AUTHORITY, "As an address has them."),
    )
    looked_at = fields.AwareDateTime(
        required=True, metadata=of(AUTHORITY, "When it was saved, or last marked as seen.")
    )
    found = fields.Integer(
        required=True,
        allow_none=True,
        validate=validate.Range(0),
        metadata=of(
            MEMBERS, "How many homes it finds; null: a filter of it is not known any more."
        ),
    )
    new, changed, closed, left = (
        fields.List(
            fields.String(metadata=of(MEMBERS, "Ofsted's number of a home.")),
            required=True,
            metadata=of(MEMBERS, said),
        )
        for said in (
            "Homes that it finds for the first time.",
            "Homes of which something else is said.",
            "Homes that nobody publishes any more.",
            "Homes that are there, and do not fit any more.",
        )
    )


class SavedSearches(Schema):
    """All that the token's system keeps; there are few."""

    searches = fields.List(
        fields.Nested(SavedSearch, metadata=of(AUTHORITY, "One of them.")),
        required=True,
        metadata=of(AUTHORITY, "The newest first."),
    )


class SearchNumber(Schema):
    """The saved search."""

    id = fields.String(required=True, metadata=of(AUTHORITY, "Id of the saved search."))


@api.route(_SEARCHES, endpoint="saved_searches")
@api.response(200, SavedSearches)
def list_searches() -> Response:
    """List the saved searches

    Those of the token's system, each with the homes that are new, changed, closed, or fit no more.
    """
    node = this_node()
    with reading(node.replica) as replica, reading(node.node_db) as connection:
        found = saved_searches(connection, replica, node, g.who)
        content = [_shown(one) for one in found]
    return answer({"searches": content}, PERSONAL)


@api.route(_SEARCHES, endpoint="save_search", methods=["POST"])
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(ToSave)
@api.response(201, SearchNumber, headers={"Location": {"schema": {"type": "string"}}})
@problems(*_WRITE)
def save_search(_header: dict[str, str], said: dict[str, Any]) -> Response:
    """Save a search

    What could describe a child is no filter of it: neither postcodes, nor places to keep away
    from, nor vacancies.
    """
    node = this_node()

    def act(connection: Connection) -> Done:
        with reading(node.replica) as replica:
            number = save(connection, replica, node, g.who, said["called"], said["filters"])
        return Done({"id": number}, f"{PREFIX}{_SEARCHES}/{number}")

    return once(act)


@api.route(f"{_SEARCHES}/<search>", endpoint="saved_search", parameters=[_SEARCH])
@api.response(200, SavedSearch)
@problems(Problem.NOT_FOUND)
def read_search(search: str) -> Response:
    """Read a saved search

    With what is new since it was last marked as seen.
    """
    node = this_node()
    with reading(node.replica) as replica, reading(node.node_db) as connection:
        return answer(_shown(one_search(connection, replica, node, g.who, search)), PERSONAL)


@api.route(
    f"{_SEARCHES}/<search>", endpoint="forget_search", methods=["DELETE"], parameters=[_SEARCH]
)
@api.response(204)
@problems(Problem.NOT_FOUND)
def delete_search(search: str) -> Response:
    """Delete a saved search

    What it was called, its filters and the homes that it found are destroyed.
    """
    node = this_node()
    with reading(node.replica) as replica, writing(node.node_db) as connection:
        forget(connection, replica, node, g.who, search)
    return Response(status=204)


@api.route(
    f"{_SEARCHES}/<search>/seen", endpoint="search_seen", methods=["POST"], parameters=[_SEARCH]
)
@api.arguments(IdempotencyHeader, location="headers")
@api.response(201, SearchNumber, headers={"Location": {"schema": {"type": "string"}}})
@problems(Problem.NOT_FOUND, *_WRITE)
def mark_search_seen(_header: dict[str, str], search: str) -> Response:
    """Mark a saved search as seen

    What is told from then on is what changes after.
    """
    node = this_node()

    def act(connection: Connection) -> Done:
        with reading(node.replica) as replica:
            mark_looked(connection, replica, node, g.who, search)
        return Done({"id": search}, f"{PREFIX}{_SEARCHES}/{search}")

    return once(act)


def _shown(one: Kept) -> dict[str, object]:
    told = one.news or News(0)
    return {
        "id": one.id,
        "called": one.saved.called,
        "filters": one.saved.filters,
        "looked_at": one.saved.looked_at,
        "found": one.news.found if one.news else None,
        "new": told.new,
        "changed": told.changed,
        "closed": told.closed,
        "left": told.left,
    }
