"""The page on which a provider's staff say which of their homes have a vacancy, all on one."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.reference.working_days import london_day
from directory.providers.vacancies import presenters
from directory.providers.vacancies.errors import VacanciesError
from directory.providers.vacancies.saying import OwnVacancy, confirm_all, own_vacancies, say
from directory.providers.vacancies.schemas import SEXES, read_rows, typed_of
from directory.providers.vacancies.sheet import read_sheet, sheet_lines, urns_in
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

_DONE = {
    "saved": "Saved. Commissioners see it within a minute or two.",
    "unchanged": "Confirmed for today. Commissioners see that nothing has changed.",
}


def vacancies_pages(node: Node) -> Blueprint:
    """The page of vacancies, and its file."""
    pages = Blueprint(
        "our_vacancies", __name__, template_folder="templates", url_prefix="/our-homes/vacancies"
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def page() -> ResponseReturnValue:
        homes = _homes(node)
        return _page(node, homes, typed_of(homes), {})

    @pages.post("")
    def save() -> ResponseReturnValue:
        return _save(node, request.form, {})

    @pages.post("/unchanged")
    def unchanged() -> ResponseReturnValue:
        with writing(node.node_db) as connection, reading(node.replica) as replica:
            confirm_all(connection, replica, node, g.who)
        return _back("unchanged")

    @pages.get("/vacancies.csv")
    def download() -> ResponseReturnValue:
        content = "".join(sheet_lines(_homes(node))).encode("utf-8-sig")
        named = {"Content-Disposition": 'attachment; filename="vacancies.csv"'}
        return Response(content, mimetype="text/csv", headers=named)

    @pages.post("/file")
    def upload() -> ResponseReturnValue:
        return _upload(node)

    return pages


def _homes(node: Node) -> list[OwnVacancy]:
    with reading(node.node_db) as connection, reading(node.replica) as replica:
        return own_vacancies(connection, replica, node, g.who)


def _upload(node: Node) -> ResponseReturnValue:
    homes = _homes(node)
    file = request.files.get("file")
    try:
        typed = read_sheet(file.read()) if file and file.filename else {}
    except VacanciesError as error:
        return _page(node, homes, typed_of(homes), {"file": str(error)})
    if not typed:
        return _page(node, homes, typed_of(homes), {"file": "Choose a file with a row for a home"})
    problems = {}
    if strange := sorted(urns_in(typed) - {one.home.urn for one in homes if not one.is_asked}):
        named = ", ".join(one[:20] for one in strange[:5])
        problems["file"] = f"No homes of yours of which vacancies are said: {named}"
    return _save(node, {**typed_of(homes), **typed}, problems)


def _save(node: Node, typed: Mapping[str, str], problems: dict[str, str]) -> ResponseReturnValue:
    """Save all rows, or none and show what to change, with all that was typed."""
    homes = _homes(node)
    said, wrong = read_rows(homes, typed, london_day(node.now()))
    problems = {**problems, **wrong}
    if not problems:
        try:
            with writing(node.node_db) as connection, reading(node.replica) as replica:
                say(connection, replica, node, g.who, said)
        except VacanciesError as error:
            problems = {"main-content": str(error)}
        else:
            return _back("saved")
    return _page(node, homes, typed, problems)


def _page(
    node: Node, homes: list[OwnVacancy], typed: Mapping[str, str], problems: Mapping[str, str]
) -> ResponseReturnValue:
    today, days = london_day(node.now()), node.charter.rules.days_of_vacancies
    page = render_template(
        "vacancies/our_vacancies.html",
        lines=[presenters.line(one, today, days) for one in homes],
        typed=typed,
        problems=problems,
        sexes=SEXES,
        stale_days=days,
        anything_said=any(one.said for one in homes),
        done=_DONE.get(request.args.get("done", "")),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _back(done: str) -> ResponseReturnValue:
    return redirect(url_for("our_vacancies.page", done=done), HTTPStatus.SEE_OTHER)
