"""The nine endpoints of Open Referral UK 3.0, twice: open to anybody, and for members' systems.

The open ones show what is public and nothing else; they read no cookie and set none, and may be
asked from any web page. https://openreferraluk.org/developers/api
"""

from flask import Blueprint, Response

from directory.api.answering import OPEN, SHARED, answer
from directory.homes.errors import WordsTooLong
from directory.oruk import shapes
from directory.oruk.finding import find_services, service_with
from directory.oruk.query import read_query
from directory.oruk.services import Service
from directory.oruk.taxonomies import BY_ID, TERMS
from federation import Node, Refused, problem, reading
from protocols.problems import Problem

VERSION = "HSDS-UK-3.0"
PROFILE = "https://docs.openreferraluk.org/"
OPENAPI = "https://openreferraluk.org/specifications/3.0/openapi.json"


def open_feed(node: Node) -> Blueprint:
    """What is public."""
    feed = _feed(node, "oruk", "/oruk", homes=False, caching=OPEN)

    @feed.after_request
    def _from_any_page(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return feed


def members_feed(node: Node) -> Blueprint:
    """The same with the homes of the directory."""
    return _feed(node, "members_oruk", "/api/v1/oruk", homes=True, caching=SHARED)


def _feed(node: Node, name: str, prefix: str, *, homes: bool, caching: str) -> Blueprint:
    feed = Blueprint(name, __name__, url_prefix=prefix)

    @feed.errorhandler(WordsTooLong)
    def _too_long(error: WordsTooLong) -> Response:
        return problem(Refused(Problem.INVALID, str(error)))

    @feed.get("/")
    def about() -> Response:
        content = {"version": VERSION, "profile": PROFILE, "openapi_url": OPENAPI}
        return answer(content, caching)

    @feed.get("/services")
    def services() -> Response:
        query = read_query()
        with reading(node.replica) as connection:
            found, total = find_services(connection, node, query, homes=homes)
        contents = [shapes.in_list(one) for one in found]
        return answer(shapes.page(contents, total, query.page, query.size), caching)

    @feed.get("/services/<number>")
    def service(number: str) -> Response:
        return answer(shapes.whole(_one(node, number, homes=homes)), caching)

    @feed.get("/service_at_locations")
    def service_at_locations() -> Response:
        query = read_query()
        with reading(node.replica) as connection:
            found, total = find_services(connection, node, query, homes=homes, located=True)
        contents = [shapes.located_in_list(one) for one in found]
        return answer(shapes.page(contents, total, query.page, query.size), caching)

    @feed.get("/service_at_locations/<number>")
    def service_at_location(number: str) -> Response:
        found = _one(node, number, homes=homes)
        if found.place is None:
            raise _nothing("service at a location")
        return answer(shapes.located(found), caching)

    _add_taxonomies(feed, caching)
    return feed


def _add_taxonomies(feed: Blueprint, caching: str) -> None:
    @feed.get("/taxonomies")
    def taxonomies() -> Response:
        listed = [shapes.taxonomy(one, terms=False) for one in BY_ID.values()]
        return answer(_page(listed), caching)

    @feed.get("/taxonomies/<number>")
    def taxonomy(number: str) -> Response:
        if number not in BY_ID:
            raise _nothing("taxonomy")
        return answer(shapes.taxonomy(BY_ID[number], terms=True), caching)

    @feed.get("/taxonomy_terms")
    def taxonomy_terms() -> Response:
        return answer(_page([shapes.taxonomy_term(one) for one in TERMS.values()]), caching)

    @feed.get("/taxonomy_terms/<number>")
    def taxonomy_term(number: str) -> Response:
        if number not in TERMS:
            raise _nothing("term")
        return answer(shapes.taxonomy_term(TERMS[number]), caching)


def _page(everything: list[shapes.Shape]) -> shapes.Shape:
    query = read_query()
    shown = everything[query.start : query.start + query.size]
    return shapes.page(shown, len(everything), query.page, query.size)


def _one(node: Node, number: str, *, homes: bool) -> Service:
    with reading(node.replica) as connection:
        found = service_with(connection, node, number, homes=homes)
    if found is None:
        raise _nothing("service")
    return found


def _nothing(what: str) -> Refused:
    return Refused(Problem.NOT_FOUND, f"There is no {what} of this identifier here.")
