"""Which authorities there are, and which of them a member's node serves: open to everyone."""

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from directory.api.answering import answer, page_of, with_links
from directory.api.fields import PUBLIC, Page, Paging, of
from directory.api.surface import api, problems, this_node
from directory.country.authorities.service import NATIONS, all_authorities
from protocols.problems import Problem


class AuthorityEntry(Schema):
    """An authority."""

    gss = fields.String(required=True, metadata=of(PUBLIC, "Its code (ONS)."))
    name = fields.String(required=True, metadata=of(PUBLIC, "What people call it."))
    region = fields.String(
        required=True, metadata=of(PUBLIC, "One of England's nine, or else the nation.")
    )
    nation = fields.String(
        required=True, validate=validate.OneOf(NATIONS), metadata=of(PUBLIC, "Where it is.")
    )
    node = fields.String(
        required=True,
        allow_none=True,
        metadata=of(PUBLIC, "The member's node that serves it; null while none does."),
    )


class Authorities(Page):
    """A page of the authorities."""

    authorities = fields.List(
        fields.Nested(AuthorityEntry, metadata=of(PUBLIC, "One of them.")),
        required=True,
        metadata=of(PUBLIC, "Authorities, by code."),
    )


@api.route("/authorities", endpoint="authorities")
@api.arguments(Paging, location="query")
@api.response(200, Authorities)
@problems(Problem.NOT_FOUND)
def list_authorities(paging: dict[str, int]) -> Response:
    """List the authorities

    A notice can be sent to those that a node serves.
    """
    serving = {gss: member.node for member in this_node().charter.members for gss in member.area}
    everyone: list[Any] = [
        {
            "gss": one.gss,
            "name": one.name,
            "region": one.region,
            "nation": one.nation,
            "node": serving.get(one.gss),
        }
        for one in all_authorities()
    ]
    shown, around = page_of(everyone, **paging)
    return with_links(answer({**around, "authorities": shown}), around["page"], around["pages"])
