"""The page on which a notice is entered that came by email, letter or telephone."""

from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.authorities.service import all_authorities, authority_name
from directory.hosting.entering.schemas import WAYS, EnteringForm
from directory.hosting.entering.service import enter_notices
from directory.notices.labels import CONTACTS, LEGAL_STATUSES, SETTINGS, reference
from directory.reference.working_days import london_day
from directory.web.forms import PARTS
from directory.web.headers import keep_out_of_caches
from federation import Node, writing

_DAYS = ("on", "born_on", "starts_on", "expected_end")


def entering_pages(node: Node) -> Blueprint:
    """The pages on which notices are entered."""
    pages = Blueprint(
        "entering",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/notices/entered",
    )
    pages.after_request(keep_out_of_caches)

    @pages.route("", methods=("GET", "POST"))
    def new(authority: str) -> ResponseReturnValue:
        return _new(node, authority)

    return pages


def others(area: str) -> dict[str, str]:
    """The authorities that may place a child in an area, by GSS code, in the order of names."""
    every = ((one.gss, one.name) for one in all_authorities() if one.gss != area)
    return dict(sorted(every, key=lambda one: one[1]))


def _new(node: Node, area: str) -> ResponseReturnValue:
    placing = others(area)
    form = EnteringForm(placing, london_day(node.now()))
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            came = form.read(request.form)
        except ValidationError as error:
            problems = form.problems(error)
        else:
            with writing(node.node_db) as connection:
                (notice,) = enter_notices(connection, node, g.who, area, [came])
            there = url_for("entering.new", authority=area, entered=reference(notice))
            return redirect(there, HTTPStatus.SEE_OTHER)
    page = render_template(
        "entering/new.html",
        authority=area,
        area=authority_name(area),
        typed=form.typed(request.form),
        problems=problems,
        ways=WAYS,
        placing=placing,
        settings=SETTINGS,
        legal_statuses=LEGAL_STATUSES,
        contacts=CONTACTS,
        entered=_entered(),
        first_parts={name: f"{name}-{PARTS[0]}" for name in _DAYS},
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _entered() -> str | None:
    """The reference of what was entered before this page was shown, from the address."""
    said = request.args.get("entered", "")
    plain = said.replace("\N{NO-BREAK SPACE}", "")
    return said if len(plain) == 8 and plain.isascii() and plain.isalnum() else None
