"""The pages on which homes are searched for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from pyroaring import BitMap
from sqlalchemy import Connection

from directory.exports import csv_lines
from directory.homes import search_page as around
from directory.homes.addresses import (
    FILE,
    MAP,
    SEARCH,
    home_addresses,
    lasting,
    place_on_page,
    search_address,
)
from directory.homes.asking import elsewhere, read_asked
from directory.homes.choices import Choices, choices
from directory.homes.drawing import SHADES, asked_for, draw
from directory.homes.export import HEADINGS, MOST, home_row
from directory.homes.facts import Fact
from directory.homes.narrowing import avoided_by
from directory.homes.nearness import Origin, beside, read_origin
from directory.homes.presenters import card_facts, kind, tags, title
from directory.homes.query import SearchQuery
from directory.homes.service import (
    FoundHome,
    Results,
    count_by_authority,
    count_homes,
    count_matching,
    search,
    search_all,
)
from directory.providers.vacancies.board import Board, vacancies_for
from directory.providers.vacancies.presenters import fact as vacancy_fact
from directory.security.rights.service import may
from directory.security.rights.table import Action
from directory.web.turns import Turns
from federation import Node, reading

# A page is the processor's work alone: of several at once in a process none would be sooner, and
# all would be as late as the last.
_TURN = Turns()


def add_search_pages(pages: Blueprint, node: Node) -> None:
    """Put the pages of the search on a blueprint."""

    @pages.route("/homes", methods=("GET", "POST"))
    def search_page() -> ResponseReturnValue:
        with _TURN:
            return _answer(node, SEARCH, _results)

    @pages.route("/homes/map", methods=("GET", "POST"))
    def map_page() -> ResponseReturnValue:
        with _TURN:
            return _answer(node, MAP, _map)

    @pages.route("/homes.csv", methods=("GET", "POST"))
    def export() -> ResponseReturnValue:
        return _answer(node, FILE, _file)


@dataclass(frozen=True, slots=True)
class _Search:
    """A search that can be answered, for who may see what is on the board."""

    connection: Connection
    offered: Choices
    typed: dict[str, str]
    query: SearchQuery
    board: Board | None

    @property
    def vacant(self) -> BitMap | None:
        return self.board.free if self.board else None


def _answer(
    node: Node, endpoint: str, show: Callable[[_Search], ResponseReturnValue]
) -> ResponseReturnValue:
    """What is asked for at one of the addresses of a search, or the form with what to change."""
    with reading(node.replica) as connection:
        board = vacancies_for(connection, node, g.who)
        if not count_homes(connection):
            return render_template("homes/none_yet.html")
        offered = choices(connection)
        asked = read_asked(offered, board is not None)
        if "page" in asked.problems:
            abort(404)
        if asked.query is None:
            return render_template(
                "homes/search.html",
                typed=asked.typed,
                options=around.form_options(offered, asked.typed),
                problems=asked.problems,
                sees_vacancies=board is not None,
                here=url_for(endpoint if endpoint == MAP else SEARCH),
            ), 400
        if there := elsewhere(asked.query, endpoint):
            return there
        return show(_Search(connection, offered, asked.typed, asked.query, board))


def _file(asked: _Search) -> ResponseReturnValue:
    """Every home that was found, for a spreadsheet."""
    found = search_all(asked.connection, asked.query, MOST, asked.vacant)
    text = "".join(csv_lines(HEADINGS, map(home_row, found)))
    answer = Response(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename="homes.csv")
    return answer


def _results(asked: _Search) -> ResponseReturnValue:
    """The list of what was found."""
    connection, query, vacant = asked.connection, asked.query, asked.vacant
    results = search(connection, query, vacant)
    if query.page > results.pages:
        code = 307 if query.posted else 302
        return redirect(search_address(query, page=results.pages), code)
    shown = _form(asked, results, SEARCH)
    origin = read_origin(query.near or "")
    return render_template(
        "homes/search.html",
        **shown,
        loosened=_loosened(connection, shown["filters"], vacant) if not results.total else [],
        elsewhere=_region_of_authority(query, asked.offered),
        orders=around.order_options(query),
        links=around.pagination(query, results.page, results.pages),
        without_words=search_address(query, words=""),
        home_address=home_addresses(query),
        first={one.record.urn: at for at, one in reversed([*enumerate(results.homes)])},
        place_on_page=place_on_page,
        facts=partial(_facts, origin=origin, beside=beside(avoided_by(query)), board=asked.board),
        file=search_address(query, FILE),
        most_in_a_file=MOST,
        kind=kind,
        tags=tags,
        title=title,
    )


def _map(asked: _Search) -> ResponseReturnValue:
    """Where it stands, as counts by authority."""
    query = asked.query
    counts = count_by_authority(asked.connection, query, asked.vacant)
    chosen = asked_for(query.region, query.authority, frozenset(counts))
    return render_template(
        "homes/search.html",
        **_form(asked, search(asked.connection, query, asked.vacant), MAP),
        drawing=draw(counts, chosen, avoided_by(query)),
        shades=SHADES,
        regions=asked.offered.regions if not (query.region or query.authority) else (),
        address=partial(search_address, query),
    )


def _form(asked: _Search, results: Results, endpoint: str) -> dict[str, Any]:
    """What stands around what was found: the form, and the filters in force."""
    query = asked.query
    origin = read_origin(query.near or "")
    return {
        "typed": {**asked.typed, "near": origin.name if origin else ""},
        "options": around.form_options(asked.offered, asked.typed, results.counts),
        "places_links": around.places_links(query, results.counts, endpoint),
        "problems": {},
        "query": query,
        "results": results,
        "filters": around.active_filters(query, asked.offered, endpoint),
        "heading": _heading(results),
        "sees_vacancies": asked.board is not None,
        "here": url_for(endpoint),
        "lasting": lasting(query) if may(g.who, Action.SAVE_SEARCHES) else {},
        "list": search_address(query, SEARCH),
        "map": search_address(query, MAP),
    }


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
