"""What lists have changed about homes, for an authority's systems: read, and marked as seen."""

from typing import Any, get_args

from flask import Response, g
from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy import Connection

from directory.api.answering import PERSONAL, answer, no_such_page, with_links
from directory.api.fields import MEMBERS, PUBLIC, Page, Paging, WholeNumber, of
from directory.api.notices import IN_AUTHORITY
from directory.api.once import Done, IdempotencyHeader, once
from directory.api.surface import PREFIX, api, problems, this_node
from directory.choosing.changes.service import changes, count_changes, mark_seen
from directory.choosing.changes.values import Area, ChangeFilter, HomeChange, Kind, What
from federation import reading
from protocols.problems import Problem

_CHANGES = "/authorities/<authority>/changes"
LARGEST_ID = 2**31 - 1


class ChangesQuery(Paging):
    """Which changes."""

    class Meta:
        unknown = RAISE

    seen = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata=of(PUBLIC, "Those that somebody of the authority has seen; else those that wait."),
    )
    kind = fields.String(
        load_default=None, validate=validate.OneOf(get_args(Kind)), metadata=of(PUBLIC, "One kind.")
    )
    area = fields.String(
        load_default="everywhere",
        validate=validate.OneOf(get_args(Area)),
        metadata=of(PUBLIC, "Of homes in the authority, there and in those that adjoin, or all."),
    )


class Change(Schema):
    """One thing that a list says otherwise than before; null where nothing stood or stands."""

    what = fields.String(
        required=True, validate=validate.OneOf(get_args(What)), metadata=of(MEMBERS, "What it is.")
    )
    before = fields.Raw(
        required=True, allow_none=True, metadata=of(MEMBERS, "What the list before said.")
    )
    after = fields.Raw(required=True, allow_none=True, metadata=of(MEMBERS, "What the list says."))


class ChangedHome(Schema):
    """A home that is new on a list, changed, closed, or back."""

    id = fields.Integer(required=True, metadata=of(MEMBERS, "Of the change, on this node."))
    urn = fields.String(required=True, metadata=of(MEMBERS, "Ofsted's number of the home."))
    kind = fields.String(
        required=True,
        validate=validate.OneOf(get_args(Kind)),
        metadata=of(MEMBERS, "What became of the home."),
    )
    authority = fields.String(
        required=True,
        allow_none=True,
        metadata=of(MEMBERS, "Where it stands, GSS code; null: the list names none of today."),
    )
    differences = fields.List(
        fields.Nested(Change, metadata=of(MEMBERS, "One of them.")),
        required=True,
        metadata=of(MEMBERS, "What the list says otherwise than before."),
    )
    as_at = fields.Date(
        required=True, allow_none=True, metadata=of(MEMBERS, "The day of the list.")
    )
    seen_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=of(MEMBERS, "When the authority marked it.")
    )


class ChangedHomes(Page):
    """A page of the changes, of the newest list first."""

    changes = fields.List(
        fields.Nested(ChangedHome, metadata=of(MEMBERS, "One of them.")),
        required=True,
        metadata=of(MEMBERS, "The changes; of each list closed homes first."),
    )


class Seen(Schema):
    """Which changes were seen."""

    ids = fields.List(
        WholeNumber(validate=validate.Range(1, LARGEST_ID), metadata=of(MEMBERS, "An id.")),
        required=True,
        validate=validate.Length(1, 1000),
        metadata=of(MEMBERS, "Ids of changes."),
    )


class Marked(Schema):
    """How many were marked."""

    marked = fields.Integer(
        required=True, metadata=of(MEMBERS, "How many nobody of the authority had seen before.")
    )


@api.route(_CHANGES, endpoint="changes", parameters=[IN_AUTHORITY])
@api.arguments(ChangesQuery, location="query")
@api.response(200, ChangedHomes)
@problems(Problem.NOT_FOUND)
def list_changes(query: dict[str, Any], authority: str) -> Response:
    """List what lists have changed about homes

    After each import of Ofsted's list: homes that are new, changed, closed or back, with what
    changed.
    """
    node, page, size = this_node(), query["page"], query["page_size"]
    wanted = ChangeFilter(query["seen"], query["kind"], query["area"])
    with reading(node.node_db) as connection:
        counts = count_changes(connection, node, g.who, authority, wanted)
        total = counts[wanted.kind] if wanted.kind else sum(counts.values())
        pages = max(1, -(-total // size))
        if page > pages:
            no_such_page(pages)
        found = changes(
            connection, node, g.who, authority, wanted, skip=(page - 1) * size, limit=size
        )
    content = {
        "total": total,
        "page": page,
        "pages": pages,
        "changes": list(map(shown_change, found)),
    }
    return with_links(answer(content, PERSONAL), page, pages)


@api.route(f"{_CHANGES}/seen", endpoint="mark_changes", methods=["POST"], parameters=[IN_AUTHORITY])
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(Seen)
@api.response(201, Marked, headers={"Location": {"schema": {"type": "string"}}})
@problems(
    Problem.IDEMPOTENCY_KEY_WANTED,
    Problem.BAD_REQUEST,
    Problem.CONFLICT,
    Problem.INVALID,
    Problem.IDEMPOTENCY_KEY_REUSED,
)
def mark_changes(_header: dict[str, str], seen: dict[str, list[int]], authority: str) -> Response:
    """Mark changes of homes as seen

    For the whole authority. An id that is not there, or was marked before, changes nothing.
    """

    def act(connection: Connection) -> Done:
        count = mark_seen(connection, this_node(), g.who, authority, set(seen["ids"]))
        return Done({"marked": count}, f"{PREFIX}/authorities/{authority}/changes?seen=true")

    return once(act)


def shown_change(one: HomeChange) -> dict[str, object]:
    """A change as `ChangedHome` has it."""
    return {
        "id": one.id,
        "urn": one.urn,
        "kind": one.kind,
        "authority": one.authority,
        "differences": [
            {"what": what.what, "before": what.before, "after": what.after}
            for what in one.differences
        ],
        "as_at": one.as_at,
        "seen_at": one.seen_at,
    }
