"""The pages of homes: the search, and each home with what was said of it before."""

import re
from functools import partial

from flask import Blueprint, abort, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.homes.addresses import home_address, place_on_page, search_address
from directory.homes.asking import read_asked
from directory.homes.choices import choices
from directory.homes.facts import Fact
from directory.homes.history import home_history
from directory.homes.presenters import differing, sections, tags, version_card, vouched
from directory.homes.query import SearchQuery
from directory.homes.search_views import add_search_pages
from directory.homes.service import FoundHome, home_claims
from directory.providers.diligence.presenters import facts_of
from directory.providers.diligence.published import checks_of_home
from directory.providers.statements.published import has_statement
from directory.providers.vacancies.board import vacancies_for
from directory.providers.vacancies.presenters import fact as vacancy_fact
from directory.security.rights.service import authorities_for, may
from directory.security.rights.table import Action
from directory.web.headers import keep_out_of_caches
from federation import Node, reading

_URN = re.compile("[A-Za-z0-9-]{1,20}")


def homes_blueprint(node: Node) -> Blueprint:
    """The pages of a node's homes."""
    pages = Blueprint("homes", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)
    add_search_pages(pages, node)

    @pages.route("/homes/<urn>", methods=("GET", "POST"))
    def home_page(urn: str) -> ResponseReturnValue:
        with reading(node.replica) as connection:
            return _home_page(connection, urn, node)

    @pages.get("/homes/<urn>/history")
    def history_page(urn: str) -> ResponseReturnValue:
        with reading(node.replica) as connection:
            return _history_page(connection, urn)

    return pages


def _home_page(connection: Connection, urn: str, node: Node) -> ResponseReturnValue:
    if not _URN.fullmatch(urn):
        abort(404)
    query = _search_before(connection)
    board = vacancies_for(connection, node, g.who)
    if urn != urn.upper():
        return redirect(home_address(urn.upper(), query), 307 if query.posted else 302)
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
        posted=query.posted,
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
        sees_diligence=may(g.who, Action.SEE_DILIGENCE),
        diligence=_diligence(connection, node, urn, claims[0].record.provider),
        provider=claims[0].record.provider,
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


def _diligence(connection: Connection, node: Node, urn: str, provider: str | None) -> list[Fact]:
    """What authorities have checked of a home and its provider, for who may see it."""
    if not may(g.who, Action.SEE_DILIGENCE):
        return []
    checks = checks_of_home(connection, g.who, urn, provider)
    return facts_of(checks, london_day(node.now()))


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
    """The search that led to a home; none if its address is damaged."""
    return read_asked(choices(connection), sees_vacancies=True).query or SearchQuery()
