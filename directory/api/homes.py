"""Finding homes: the search of the page, for systems."""

from typing import Any

from flask import Response
from marshmallow import RAISE, Schema, fields, validate

from directory.api.answering import PERSONAL, answer, no_such_page, with_links
from directory.api.fields import CHILD, MEMBERS, PUBLIC, Page, of
from directory.api.from_structs import schema_of
from directory.api.surface import api, problems, this_node
from directory.country.authorities.service import REGIONS_AND_NATIONS, known_codes
from directory.homes.choices import Choices
from directory.homes.claims import as_json
from directory.homes.query import ORDERS, SearchQuery
from directory.homes.schemas import MOST_AWAY, Places, PostedForm, SearchForm
from directory.homes.service import Results, home_claims, search
from directory.homes.words import LONGEST
from federation import Refused, reading
from protocols.problems import Problem
from protocols.profiles import Profile
from protocols.records import Home

IN_URN = {
    "in": "path",
    "name": "urn",
    "description": "Ofsted's number of the home.",
    "schema": {"type": "string", "pattern": "^[A-Z0-9-]{1,20}$"},
}


class HomesQuery(SearchForm):
    """The filters of a search; all have to hold."""

    class Meta:
        unknown = RAISE
        exclude: tuple[str, ...] = ("vacancy",)

    region = fields.String(
        validate=validate.OneOf(REGIONS_AND_NATIONS), metadata=of(PUBLIC, "Where the home stands.")
    )
    authority = fields.String(
        validate=validate.OneOf(known_codes()),
        metadata=of(PUBLIC, "GSS code of the authority where the home stands."),
    )
    near = fields.String(
        validate=validate.Length(max=LONGEST),
        metadata=of(
            PUBLIC,
            "What 'nearest first' is counted from: an authority's name or GSS code. A postcode "
            "could describe a child, so it is never in an address: see `POST /searches`.",
            format="authority",
        ),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(Choices(REGIONS_AND_NATIONS, {}), **options)

    def _drop_the_empty(self, arguments: object, **_: object) -> object:
        return arguments  # a form sends what was left empty; a system that sends it means it


class HomesSearch(HomesQuery, PostedForm):
    """The filters of a search, with what could describe a child."""

    near = fields.String(
        validate=validate.Length(max=LONGEST),
        metadata=of(
            CHILD,
            "What 'nearest first' is counted from: an authority's name or GSS code, or a postcode "
            "or its first half, such as LS6.",
            format="place",
        ),
    )
    away = Places(
        metadata=of(
            CHILD,
            "Places to keep away from, each as in `near`: homes in the authorities that they lie "
            "in are left out.",
            type="array",
            items={"type": "string", "format": "place"},
            maxItems=MOST_AWAY,
        )
    )


class Claim(Schema):
    """A home as one node's log says it, and who vouches for it."""

    record = fields.Nested(
        schema_of(Home), required=True, metadata=of(MEMBERS, "What is published of the home.")
    )
    profile = fields.Nested(
        schema_of(Profile),
        required=True,
        allow_none=True,
        metadata=of(
            MEMBERS, "What the home says that it offers; null: not yet described, which is no 'no'."
        ),
    )
    profile_entry = fields.Integer(
        required=True,
        allow_none=True,
        validate=validate.Range(0),
        metadata=of(MEMBERS, "Index of the profile's entry in the same log."),
    )
    profile_published_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=of(MEMBERS, "When the profile was published.")
    )
    authority_name = fields.String(
        required=True, metadata=of(MEMBERS, "The authority where the home stands.")
    )
    region = fields.String(required=True, metadata=of(MEMBERS, "Where that authority is."))
    node = fields.String(required=True, metadata=of(MEMBERS, "Name of the node that vouches."))
    entry = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=of(MEMBERS, "Index of the entry in that node's log."),
    )
    published_at = fields.AwareDateTime(
        required=True, metadata=of(MEMBERS, "When that node published it.")
    )
    contested = fields.Boolean(
        required=True, metadata=of(MEMBERS, "Whether another node says something of this URN too.")
    )


class Homes(Page):
    """A page of the homes that were found."""

    order = fields.String(
        required=True,
        validate=validate.OneOf(ORDERS),
        metadata=of(MEMBERS, "Which order this is."),
    )
    homes_found = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=of(MEMBERS, "How many homes that are, by URN; `total` counts contested claims."),
    )
    counts = fields.Dict(
        keys=fields.String(metadata=of(MEMBERS, "Name of a filter.")),
        values=fields.Dict(
            keys=fields.String(metadata=of(MEMBERS, "A value of that filter.")),
            values=fields.Integer(
                validate=validate.Range(0),
                metadata=of(MEMBERS, "Homes, by URN, that there would be."),
            ),
            metadata=of(MEMBERS, "By value of the filter."),
        ),
        required=True,
        metadata=of(
            MEMBERS,
            "How many homes there would be with each value of each filter, all else being equal.",
        ),
    )
    homes = fields.List(
        fields.Nested(Claim, metadata=of(MEMBERS, "One of them.")),
        required=True,
        metadata=of(MEMBERS, "What was found. A contested home stands there once for each node."),
    )


class Claims(Schema):
    """Everything that is said of one home."""

    urn = fields.String(required=True, metadata=of(MEMBERS, "Ofsted's number of the home."))
    claims = fields.List(
        fields.Nested(Claim, metadata=of(MEMBERS, "One of them.")),
        required=True,
        metadata=of(MEMBERS, "What each node says, the earliest published first."),
    )


@api.route("/homes", endpoint="homes")
@api.arguments(HomesQuery, location="query")
@api.response(200, Homes)
@problems(Problem.NOT_FOUND)
def find_homes(query: SearchQuery) -> Response:
    """Find homes by words and filters

    Searches everything that this node has verified, its own homes and those of every other node,
    20 to a page. Words are as on the search page: all have to be found, several in quotation marks
    have to stand together, the last may be the beginning of a longer one.
    """
    found = _found(query)
    return with_links(answer(_content(found)), found.page, found.pages)


@api.route("/searches", methods=["POST"], endpoint="searches")
@api.arguments(HomesSearch)
@api.response(200, Homes)
@problems(Problem.INVALID, Problem.NOT_FOUND)
def search_homes(query: SearchQuery) -> Response:
    """Find homes near postcodes, or away from them

    As `GET /homes`, with what could describe a child in the body, so that it stands in no address
    and no log. Nothing of it is kept.
    """
    return answer(_content(_found(query)), PERSONAL)


def _found(query: SearchQuery) -> Results:
    with reading(this_node().replica) as connection:
        found = search(connection, query)
    if query.page > found.pages:
        no_such_page(found.pages)
    return found


def _content(found: Results) -> dict[str, object]:
    return {
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "order": found.order,
        "homes_found": found.urns,
        "counts": found.counts,
        "homes": [as_json(one) for one in found.homes],
    }


@api.route("/homes/<urn>", endpoint="home", parameters=[IN_URN])
@api.response(200, Claims)
@problems(Problem.NOT_FOUND)
def one_home(urn: str) -> Response:
    """Read all that is said of one home

    More than one claim is a contest: two nodes say something of the same URN.
    """
    with reading(this_node().replica) as connection:
        claims = home_claims(connection, urn)
    if not claims:
        raise Refused(Problem.NOT_FOUND, "No member has published a home of this URN.")
    return answer({"urn": urn, "claims": [as_json(one) for one in claims]})
