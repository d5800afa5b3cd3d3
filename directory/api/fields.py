"""How a field of a schema says whom it is for, and what every schema of the API shares."""

from typing import Any

from marshmallow import Schema, fields, validate

from protocols.publication import Publication

PUBLIC, MEMBERS, AUTHORITY, CONFIDENTIAL, CHILD = (
    Publication.PUBLIC,
    Publication.MEMBERS,
    Publication.AUTHORITY,
    Publication.CONFIDENTIAL,
    Publication.CHILD,
)
LARGEST_PAGE = 100
LAST_PAGE = 1_000_000


def of(publication: Publication, description: str, **more: Any) -> dict[str, Any]:
    """The metadata of a field: whom it is for, and what it says."""
    return {"publication": publication, "description": description, **more}


class WholeNumber(fields.Integer):
    """A whole number as JSON has it, which knows one kind of number: 5.0 is 5, and "5" is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strict=True, **options)

    def _deserialize(self, value: Any, *rest: Any, **more: Any) -> int:
        if isinstance(value, str):
            raise self.make_error("invalid", input=value)
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        return super()._deserialize(whole, *rest, **more)


class Paging(Schema):
    """Which part of a list."""

    page = fields.Integer(
        load_default=1,
        validate=validate.Range(1, LAST_PAGE),
        metadata=of(PUBLIC, "Number of the page, from 1."),
    )
    page_size = fields.Integer(
        load_default=50,
        validate=validate.Range(1, LARGEST_PAGE),
        metadata=of(PUBLIC, "How many a page has at most."),
    )


class Page(Schema):
    """What stands around a part of a list. The header Link leads to the other parts."""

    total = fields.Integer(
        required=True, validate=validate.Range(0), metadata=of(PUBLIC, "How many there are in all.")
    )
    page = fields.Integer(
        required=True, validate=validate.Range(1), metadata=of(PUBLIC, "Number of this page.")
    )
    pages = fields.Integer(
        required=True, validate=validate.Range(1), metadata=of(PUBLIC, "How many pages there are.")
    )


class ProblemField(Schema):
    """A part of the request that has to be changed, and where it stands."""

    detail = fields.String(required=True, metadata=of(PUBLIC, "What has to be changed."))
    pointer = fields.String(metadata=of(PUBLIC, "JSON pointer (RFC 6901) into the body."))
    parameter = fields.String(metadata=of(PUBLIC, "Name of a parameter."))


class ProblemDetails(Schema):
    """Why something was not done (RFC 9457)."""

    type = fields.String(
        required=True,
        metadata=of(PUBLIC, "What kind it is; docs/problems.md says what to do about each."),
    )
    title = fields.String(required=True, metadata=of(PUBLIC, "The kind, for people."))
    status = fields.Integer(required=True, metadata=of(PUBLIC, "The status of the answer."))
    detail = fields.String(metadata=of(PUBLIC, "What happened, and what to do."))
    errors = fields.List(
        fields.Nested(ProblemField, metadata=of(PUBLIC, "One of them.")),
        metadata=of(PUBLIC, "Each part of the request that has to be changed."),
    )
