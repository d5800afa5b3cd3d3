"""A search as it is asked for: in an address, with what is posted beside it.

Filters stand in the address, so that a search can be kept and passed on. What could describe a
child (`SearchQuery.posted`) is posted with each request and kept nowhere: a form that is posted is
answered by the address of its other filters, to which the browser posts it again (307); where
there is nothing but filters, by the address alone (303).
"""

from dataclasses import dataclass
from http import HTTPStatus

from flask import redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.homes.addresses import SEARCH, arguments, search_address
from directory.homes.choices import Choices
from directory.homes.query import SearchQuery
from directory.homes.schemas import FIELDS, PostedForm, SearchForm

WITHOUT = "without"
"""The name of a button that leaves out a field of what is posted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed by field, what that asks for, and what to change where it asks for nothing."""

    typed: dict[str, str]
    query: SearchQuery | None
    problems: dict[str, str]


def read_asked(offered: Choices, sees_vacancies: bool) -> Asked:
    """The search that the current request asks for."""
    posted = request.method == "POST"
    typed = {name: _typed(name).strip() for name in FIELDS}
    if not sees_vacancies:
        typed["vacancy"] = ""
    if not posted:
        typed["away"] = ""
    try:
        query = (PostedForm if posted else SearchForm)(offered).read(typed)
    except ValidationError as error:
        said = error.messages_dict
        problems = {name: said[name][0] for name in FIELDS if name in said}
        if "near" in problems and not posted:
            typed["near"] = ""
        return Asked(typed, None, problems)
    return Asked({**typed, "near": query.near or ""}, query, {})


def elsewhere(query: SearchQuery, endpoint: str = SEARCH) -> ResponseReturnValue | None:
    """Where a search that was posted belongs; None where the current request is there."""
    if request.method != "POST":
        return None
    there = search_address(query, endpoint, page=query.page)
    if not query.posted:
        return redirect(there, HTTPStatus.SEE_OTHER)
    if arguments(query, page=query.page) != request.args.to_dict():
        return redirect(there, HTTPStatus.TEMPORARY_REDIRECT)
    return None


def _typed(name: str) -> str:
    if request.form.get(WITHOUT) == name:
        return ""
    return request.args.get(name, request.form.get(name, ""))
