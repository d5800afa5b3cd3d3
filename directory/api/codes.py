"""The code list by which homes and needs are described: open to everyone, on any site."""

import msgspec
from flask import Response
from marshmallow import Schema, fields, validate

from directory.api.answering import answer
from directory.api.fields import PUBLIC, of
from directory.api.surface import api
from directory.country.codes.service import code_list


class CodeEntry(Schema):
    """A word that stands for something."""

    code = fields.String(required=True, metadata=of(PUBLIC, "What stands in a record."))
    label = fields.String(required=True, metadata=of(PUBLIC, "What people call it."))
    definition = fields.String(required=True, metadata=of(PUBLIC, "What it means."))


class GroupedCode(CodeEntry):
    """A code, in its group."""

    group = fields.String(required=True, metadata=of(PUBLIC, "The code of its group."))


class Codes(Schema):
    """The whole list."""

    version = fields.Integer(
        required=True, validate=validate.Range(1), metadata=of(PUBLIC, "Counts its editions.")
    )
    groups = fields.List(
        fields.Nested(CodeEntry, metadata=of(PUBLIC, "One of them.")),
        required=True,
        metadata=of(PUBLIC, "What codes are about."),
    )
    codes = fields.List(
        fields.Nested(GroupedCode, metadata=of(PUBLIC, "One of them.")),
        required=True,
        metadata=of(PUBLIC, "What a home can offer, and a child need."),
    )
    givers = fields.List(
        fields.Nested(CodeEntry, metadata=of(PUBLIC, "One of them.")),
        required=True,
        metadata=of(PUBLIC, "Who gives a therapy."),
    )


@api.route("/codes", endpoint="codes")
@api.response(200, Codes)
def read_codes() -> Response:
    """Read the code list

    A reader keeps a code that is not in its edition of the list, and shows it as it stands.
    """
    given = answer(msgspec.to_builtins(code_list()))
    given.headers["Access-Control-Allow-Origin"] = "*"
    return given
