"""The pages on which homes are searched for."""

from functools import partial

from flask import Blueprint, abort, g, redirect, render_template
from flask.typing import ResponseReturnValue
from pyroaring import BitMap
from sqlalchemy import Connection

from directory.homes import search_page as around
from directory.homes.addresses import home_address, place_on_page, search_address
from directory.homes.asking import elsewhere, read_asked
from directory.homes.choices import Choices, choices
from directory.homes.facts import Fact
from directory.homes.narrowing import avoided_by
from directory.homes.nearness import Origin, beside, read_origin
from directory.homes.presenters import card_facts, kind, tags, title
from directory.homes.query import SearchQuery
from directory.homes.service import FoundHome, Results, count_homes, count_matching, search
from directory.vacancies.board import Board, vacancies_for
from directory.vacancies.presenters import fact as vacancy_fact
from federation import Node, reading


def add_search_pages(pages: Blueprint, node: Node) -> None:
    """Put the pages of the search on a blueprint."""

    @pages.route("/homes", methods=("GET", "POST"))
    def search_page() -> ResponseReturnValue:
        with reading(node.replica) as connection:
            return _search_page(connection, vacancies_for(connection, node, g.who))


def _search_page(connection: Connection, board: Board | None) -> ResponseReturnValue:
    if not count_homes(connection):
        return render_template("homes/none_yet.html")
    offered = choices(connection)
    vacant = board.free if board else None
    asked = read_asked(offered, board is not None)
    typed, query = asked.typed, asked.query
    if "page" in asked.problems:
        abort(404)
    if query is None:
        return render_template(
            "homes/search.html",
            typed=typed,
            options=around.form_options(offered, typed),
            problems=asked.problems,
            sees_vacancies=board is not None,
        ), 400
    if there := elsewhere(query):
        return there
    results = search(connection, query, vacant)
    if query.page > results.pages:
        code = 307 if query.posted else 302
        return redirect(search_address(query, page=results.pages), code)
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
        facts=partial(_facts, origin=origin, beside=beside(avoided_by(query)), board=board),
        sees_vacancies=board is not None,
        kind=kind,
        tags=tags,
        title=title,
    )


def _facts(
    found: FoundHome, origin: Origin | None, beside: frozenset[str], board: Board | None
) -> list[Fact]:
    """What a card says, with vacancies for who may see them."""
    facts = card_facts(found, origin, near_avoided=found.record.authority in beside)
    return [*facts[:-1], vacancy_fact(found, board), facts[-1]] if board else facts


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
