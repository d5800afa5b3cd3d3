"""The pages on which homes are searched for and shown."""

import re
from functools import partial

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from pyroaring import BitMap
from sqlalchemy import Connection

from directory.authorities.service import authority_name
from directory.homes import search_page as around
from directory.homes.addresses import home_address, place_on_page, search_address
from directory.homes.choices import Choices, choices
from directory.homes.facts import Fact
from directory.homes.history import home_history
from directory.homes.nearness import Origin, read_origin
from directory.homes.presenters import (
    card_facts,
    differing,
    kind,
    sections,
    tags,
    title,
    version_card,
    vouched,
)
from directory.homes.query import SearchQuery
from directory.homes.schemas import FIELDS, SearchForm
from directory.homes.service import (
    FoundHome,
    Results,
    count_homes,
    count_matching,
    home_claims,
    search,
)
from directory.rights.service import authorities_for, may
from directory.rights.table import Action
from directory.statements.published import has_statement
from directory.vacancies.board import Board, vacancies_for
from directory.vacancies.presenters import fact as vacancy_fact
from directory.web.headers import keep_out_of_caches
from federation import Node, reading

_URN = re.compile("[A-Za-z0-9-]{1,20}")


def homes_blueprint(node: Node) -> Blueprint:
    """The pages of a node's homes."""
    pages = Blueprint("homes", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.get("/homes")
    def search_page() -> ResponseReturnValue:
        with reading(node.replica) as connection:
            return _search_page(connection, vacancies_for(connection, node, g.who))

    @pages.get("/homes/<urn>")
    def home_page(urn: str) -> ResponseReturnValue:
        with reading(node.replica) as connection:
            return _home_page(connection, urn, node)

    @pages.get("/homes/<urn>/history")
    def history_page(urn: str) -> ResponseReturnValue:
        with reading(node.replica) as connection:
            return _history_page(connection, urn)

    return pages


def _search_page(connection: Connection, board: Board | None) -> ResponseReturnValue:
    if not count_homes(connection):
        return render_template("homes/none_yet.html")
    offered = choices(connection)
    typed = {name: request.args.get(name, "").strip() for name in FIELDS}
    if board is None:
        typed["vacancy"] = ""
    vacant = board.free if board else None
    try:
        query = SearchForm(offered).read(typed)
    except ValidationError as error:
        said = error.messages_dict
        problems = {name: said[name][0] for name in FIELDS if name in said}
        if "page" in problems:
            abort(404)
        options = around.form_options(offered, typed)
        return render_template(
            "homes/search.html",
            typed=typed,
            options=options,
            problems=problems,
            sees_vacancies=board is not None,
        ), 400
    results = search(connection, query, vacant)
    if query.page > results.pages:
        return redirect(search_address(query, page=results.pages))
    filters = around.active_filters(query, offered)
    origin = read_origin(query.near or "")
    return render_template(
        "homes/search.html",
        typed={**typed, "near": origin.name if origin else ""},
        options=around.form_options(offered, typed, results.counts),
        places_links=around.places_links(query, results.counts),
        problems={},
        query=query,
        results=results,
        filters=filters,
        loosened=_loosened(connection, filters, vacant) if not results.total else [],
        elsewhere=_region_of_authority(query, offered),
        orders=around.order_options(query),
        links=around.pagination(query, results.page, results.pages),
        without_words=search_address(query, words=""),
        heading=_heading(results),
        home_address=home_address,
        place_on_page=place_on_page,
        facts=partial(_facts, origin=origin, board=board),
        sees_vacancies=board is not None,
        kind=kind,
        tags=tags,
        title=title,
    )


def _facts(found: FoundHome, origin: Origin | None, board: Board | None) -> list[Fact]:
    """What a card says, with vacancies for who may see them."""
    facts = card_facts(found, origin)
    return [*facts[:-1], vacancy_fact(found, board), facts[-1]] if board else facts


def _home_page(connection: Connection, urn: str, node: Node) -> ResponseReturnValue:
    if not _URN.fullmatch(urn):
        abort(404)
    query = _search_before(connection)
    board = vacancies_for(connection, node, g.who)
    if urn != urn.upper():
        return redirect(home_address(urn.upper(), query))
    claims = home_claims(connection, urn)
    back = search_address(query, page=query.page)
    if not claims:
        earlier = url_for("homes.history_page", urn=urn)
        return render_template("homes/unknown.html", urn=urn, back=back, earlier=earlier), 404
    return render_template(
        "homes/home.html",
        urn=urn,
        name=claims[0].record.name,
        back=f"{back}#{place_on_page(urn)}",
        claims=claims,
        differing=differing(claims),
        sections=partial(sections, today=node.now().date()),
        profile_page=_profile_page(node, claims),
        shortlists=_shortlists(node, urn),
        documents=_documents(node, urn, claims),
        vouched=vouched,
        tags=tags,
        has_statement=has_statement(connection, urn),
        vacancies=[vacancy_fact(claims[0], board)] if board else [],
    )


def _history_page(connection: Connection, urn: str) -> ResponseReturnValue:
    if not _URN.fullmatch(urn):
        abort(404)
    versions = home_history(connection, urn)
    current = any(version.ended_by is None for version in versions)
    elsewhere = search_address(SearchQuery())
    if not versions:
        return render_template("homes/unknown.html", urn=urn, back=elsewhere), 404
    return render_template(
        "homes/history.html",
        urn=urn,
        versions=[version_card(version) for version in versions],
        current=current,
        back=home_address(urn, SearchQuery()) if current else elsewhere,
    )


def _profile_page(node: Node, claims: list[FoundHome]) -> str | None:
    """Where who looks may change what a home says of itself."""
    for one in claims:
        if one.node == node.name and may(g.who, Action.HAND_IN_RECORDS, one.record.authority):
            return url_for("profiles.form", authority=one.record.authority, urn=one.record.urn)
    return None


def _shortlists(node: Node, urn: str) -> list[tuple[str, str]]:
    """Where who looks may weigh a home for a placement: an address and a text for each authority
    for which they place.
    """
    places = sorted(authorities_for(g.who, Action.LIST_SHORTLISTS, node.member.area))
    text = "Weigh this home on a shortlist"
    return [
        (
            url_for("shortlists.every", authority=gss, home=urn),
            f"{text} of {authority_name(gss)}" if len(places) > 1 else text,
        )
        for gss in places
    ]


def _documents(node: Node, urn: str, claims: list[FoundHome]) -> list[tuple[str, str]]:
    """Where who looks may ask for a home's full documents, by authority as for shortlists; nowhere
    while it is contested whom to ask.
    """
    if len({one.record.authority for one in claims}) > 1:
        return []
    asks = sorted(authorities_for(g.who, Action.ASK_FOR_DOCUMENTS, node.member.area))
    text = "Ask for the full statement of purpose, with the address"
    return [
        (
            url_for("documents.ask_one", authority=gss, urn=urn),
            f"{text}, for {authority_name(gss)}" if len(asks) > 1 else text,
        )
        for gss in asks
    ]


def _search_before(connection: Connection) -> SearchQuery:
    """The search that a link to a home carries; none if it is damaged."""
    try:
        return SearchForm(choices(connection)).read(request.args)
    except ValidationError:
        return SearchQuery()


def _loosened(
    connection: Connection, filters: list[around.ActiveFilter], vacant: BitMap | None
) -> list[tuple[around.ActiveFilter, int]]:
    """For a search that finds nothing: what each filter alone keeps out, the most first."""
    found = [(one, count_matching(connection, one.without, vacant)) for one in filters]
    return sorted((pair for pair in found if pair[1]), key=lambda pair: -pair[1])


def _region_of_authority(query: SearchQuery, offered: Choices) -> str | None:
    """The region of the authority that was chosen, where another region was chosen with it."""
    chosen = offered.authority(query.authority or "")
    return chosen.region if chosen and query.region not in (None, chosen.region) else None


def _heading(results: Results) -> str:
    """How many: "5,600 homes"."""
    return f"{results.urns:,} home{'' if results.urns == 1 else 's'}"
