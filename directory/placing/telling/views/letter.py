"""A letter by a link: name and code are asked for, and nothing of a child shown before."""

import re
from http import HTTPStatus

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.placing.telling.errors import LetterOver, WrongCode
from directory.placing.telling.links import look_at_letter, open_letter
from directory.placing.telling.schemas import OpeningForm
from directory.security.people.errors import Paused
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node

_TOKEN = re.compile("[A-Za-z0-9_-]{43}")


def letter_page(node: Node) -> Blueprint:
    """The page to which an email leads."""
    pages = Blueprint(
        "letter_page", __name__, template_folder="../templates", url_prefix="/told/letters/<token>"
    )
    pages.after_request(_keep_to_themselves)

    @pages.errorhandler(LetterOver)
    def _over(_error: LetterOver) -> ResponseReturnValue:
        return render_template("telling/over.html"), HTTPStatus.NOT_FOUND

    @pages.route("", methods=("GET", "POST"))
    def page(token: str) -> ResponseReturnValue:
        if not _TOKEN.fullmatch(token):
            raise LetterOver("This is no letter")
        if request.method == "GET":
            return _ask(node, token, {}, HTTPStatus.OK)
        form = OpeningForm()
        try:
            said = form.load(request.form)
            letter = open_letter(node, token, said["name"], said["code"])
        except ValidationError as error:
            return _ask(node, token, form.problems(error), HTTPStatus.BAD_REQUEST)
        except WrongCode as error:
            return _ask(node, token, {"code": str(error)}, HTTPStatus.BAD_REQUEST)
        except Paused as error:
            return _ask(node, token, {"code": str(error)}, HTTPStatus.TOO_MANY_REQUESTS)
        return render_template(
            "telling/letter.html", letter=letter, today=day(london_day(node.now()))
        )

    return pages


def _ask(
    node: Node, token: str, problems: dict[str, str], status: HTTPStatus
) -> ResponseReturnValue:
    sender, reference, ends_at = look_at_letter(node, token)
    typed = {"name": request.form.get("name", ""), "code": ""}
    page = render_template(
        "telling/open.html",
        sender=sender,
        reference=reference,
        ends=at(ends_at),
        frame={"typed": typed, "problems": problems},
    )
    return page, status


def _keep_to_themselves(response: Response) -> Response:
    """In no cache, and in no search engine."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return keep_out_of_caches(response)
