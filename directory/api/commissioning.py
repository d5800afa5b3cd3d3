"""What authorities want: open to everyone, as it is public."""

from flask import Response
from marshmallow import Schema, fields, validate

from directory.api.answering import answer, page_of, with_links
from directory.api.fields import PUBLIC, Page, Paging, of
from directory.api.from_structs import schema_of
from directory.api.surface import api, problems, this_node
from directory.choosing.commissioning.service import all_wanted, demand
from federation import reading
from protocols.commissioning import Commissioning
from protocols.problems import Problem


class WantedEntry(Schema):
    """What an authority wants, and which node vouches for it."""

    record = fields.Nested(
        schema_of(Commissioning), required=True, metadata=of(PUBLIC, "What it has published.")
    )
    authority_name = fields.String(required=True, metadata=of(PUBLIC, "What people call it."))
    region = fields.String(
        required=True, metadata=of(PUBLIC, "One of England's nine, or else the nation.")
    )
    node = fields.String(required=True, metadata=of(PUBLIC, "Name of the node that vouches."))
    entry = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=of(PUBLIC, "Index of the entry in that node's log."),
    )
    published_at = fields.AwareDateTime(
        required=True, metadata=of(PUBLIC, "When that node published it.")
    )


class WantedPage(Page):
    """A page of what authorities want."""

    commissioning = fields.List(
        fields.Nested(WantedEntry, metadata=of(PUBLIC, "One of them.")),
        required=True,
        metadata=of(PUBLIC, "What each authority wants, by its name."),
    )


@api.route("/commissioning", endpoint="commissioning")
@api.arguments(Paging, location="query")
@api.response(200, WantedPage)
@problems(Problem.NOT_FOUND)
def list_commissioning(paging: dict[str, int]) -> Response:
    """List what authorities want

    Contacts for referrals and for notices, market position statement, frameworks with their
    closing days, commissioning calendar, and demand by need: each total to the nearest five, and
    none below.
    """
    node = this_node()
    with reading(node.replica) as connection:
        everyone = all_wanted(connection, node)
    shown, around = page_of(everyone, **paging)
    content = {**around, "commissioning": shown}
    return with_links(answer(content), around["page"], around["pages"])


class TotalDemand(Schema):
    """For how many children the authorities of a region look for a home, with one need."""

    need = fields.String(required=True, metadata=of(PUBLIC, "A code of the published list."))
    region = fields.String(
        required=True, metadata=of(PUBLIC, "One of England's nine, or else the nation.")
    )
    children = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=of(PUBLIC, "What the authorities published, each to the nearest five, added up."),
    )
    few = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=of(PUBLIC, "How many authorities said that they are fewer than five."),
    )


class Demands(Schema):
    """Demand over all authorities that have published theirs."""

    demand = fields.List(
        fields.Nested(TotalDemand, metadata=of(PUBLIC, "One of them.")),
        required=True,
        metadata=of(PUBLIC, "By need and region, in the order of both."),
    )


@api.route("/commissioning/demand", endpoint="demand")
@api.response(200, Demands)
def list_demand() -> Response:
    """Add up demand by need and region

    A child with two needs counts in both.
    """
    with reading(this_node().replica) as connection:
        totals = demand(all_wanted(connection, this_node()))
    return answer({"demand": totals})
