"""Who looked at an authority's records, when and why, for its own systems."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, g, request
from marshmallow import Schema, fields, validate

from directory.api.answering import PERSONAL, answer
from directory.api.fields import AUTHORITY, CONFIDENTIAL, LARGEST_PAGE, PUBLIC, of
from directory.api.notices import IN_AUTHORITY
from directory.api.surface import api, this_node
from directory.security.audit.reading import read_audit
from federation import writing

_LAST_ROW = 2**31 - 1  # which a database's integer holds


class _Moment(fields.AwareDateTime):
    """A time that can be written in UTC: offsets lead before the first year, and past the last."""

    def _deserialize(self, value: Any, *rest: Any, **more: Any) -> datetime:
        moment: datetime = super()._deserialize(value, *rest, **more)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
            return first if moment.year == 1 else last


class AuditQuery(Schema):
    """Which rows."""

    since = _Moment(metadata=of(PUBLIC, "Rows of this time and later."))
    before = fields.Integer(
        validate=validate.Range(1, _LAST_ROW),
        metadata=of(PUBLIC, "Rows with a lower number. The header Link carries it."),
    )
    page_size = fields.Integer(
        load_default=50,
        validate=validate.Range(1, LARGEST_PAGE),
        metadata=of(PUBLIC, "How many rows at most."),
    )


class AuditRow(Schema):
    """A look at a record, or a change of one."""

    seq = fields.Integer(required=True, metadata=of(AUTHORITY, "Number of the row."))
    at = fields.AwareDateTime(required=True, metadata=of(AUTHORITY, "When it was."))
    who = fields.String(required=True, metadata=of(AUTHORITY, "Kind and id, as person:17."))
    who_name = fields.String(required=True, metadata=of(AUTHORITY, "What they are called."))
    action = fields.String(required=True, metadata=of(AUTHORITY, "What was done."))
    authority = fields.String(required=True, metadata=of(AUTHORITY, "Whose record it was."))
    record = fields.String(required=True, metadata=of(AUTHORITY, "Kind and id of the record."))
    detail = fields.String(required=True, metadata=of(AUTHORITY, "What else there is to say."))
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata=of(
            CONFIDENTIAL, "Why; empty where nothing was asked for, null when it was destroyed."
        ),
    )


class Audit(Schema):
    """Rows of the audit, the newest first. The header Link leads to the earlier ones."""

    rows = fields.List(
        fields.Nested(AuditRow, metadata=of(AUTHORITY, "One of them.")),
        required=True,
        metadata=of(AUTHORITY, "Looks and changes."),
    )


@api.route("/authorities/<authority>/audit", endpoint="audit", parameters=[IN_AUTHORITY])
@api.arguments(AuditQuery, location="query")
@api.response(200, Audit)
def audit_of(query: dict[str, Any], authority: str) -> Response:
    """Read the audit

    Of one authority's records. Reading it is in the audit, too.
    """
    since: datetime | None = query.get("since")
    with writing(this_node().node_db) as connection:
        rows = read_audit(
            connection,
            this_node(),
            g.who,
            authority=authority,
            since=since,
            before=query.get("before"),
            limit=query["page_size"],
        )
    response = answer({"rows": rows}, PERSONAL)
    if len(rows) == query["page_size"]:
        further = urlencode({**request.args.to_dict(), "before": rows[-1].seq})
        response.headers["Link"] = f'<{request.path}?{further}>; rel="next"'
    return response
