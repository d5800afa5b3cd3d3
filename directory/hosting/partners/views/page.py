"""A partner's page: asked for name and code first, and nothing of a child before both are right.

Whoever only looks at the link, be it a person or what looks for harmful links in emails, opens
nothing: that takes a form.
"""

import re
from http import HTTPStatus

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.hosting.partners import presenters
from directory.hosting.partners.errors import PageOver, WrongCode
from directory.hosting.partners.opening import Waiting, look_at_page, open_page
from directory.hosting.partners.schemas import OpeningForm
from directory.notices.labels import reference
from directory.security.people.errors import Paused
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node

_TOKEN = re.compile("[A-Za-z0-9_-]{43}")


def partner_page(node: Node) -> Blueprint:
    """The page to which an email leads."""
    pages = Blueprint(
        "partner_page", __name__, template_folder="../templates", url_prefix="/told/<token>"
    )
    pages.after_request(_keep_to_themselves)

    @pages.errorhandler(PageOver)
    def _over(_error: PageOver) -> ResponseReturnValue:
        return render_template("partners/over.html"), HTTPStatus.NOT_FOUND

    @pages.route("", methods=("GET", "POST"))
    def page(token: str) -> ResponseReturnValue:
        if not _TOKEN.fullmatch(token):
            raise PageOver("This is no page")
        waiting = look_at_page(node, token)
        if request.method == "GET":
            return _ask(waiting, {}, HTTPStatus.OK)
        form = OpeningForm()
        try:
            said = form.load(request.form)
            shown = open_page(node, token, said["name"], said["code"])
        except ValidationError as error:
            return _ask(waiting, form.problems(error), HTTPStatus.BAD_REQUEST)
        except WrongCode as error:
            return _ask(waiting, {"code": str(error)}, HTTPStatus.BAD_REQUEST)
        except Paused as error:
            return _ask(waiting, {"code": str(error)}, HTTPStatus.TOO_MANY_REQUESTS)
        return render_template(
            "partners/opened.html",
            **_frame(waiting),
            purpose=shown.purpose,
            partner=shown.partner,
            rows=presenters.said_rows(shown.said),
        )

    return pages


def _ask(waiting: Waiting, problems: dict[str, str], status: HTTPStatus) -> ResponseReturnValue:
    typed = {"name": request.form.get("name", ""), "code": ""}
    page = render_template(
        "partners/ask.html", **_frame(waiting), frame={"typed": typed, "problems": problems}
    )
    return page, status


def _frame(waiting: Waiting) -> dict[str, str]:
    return {
        "area": authority_name(waiting.area_authority),
        "reference": reference(waiting.notice),
        "event": waiting.event,
        "ends": at(waiting.ends_at),
    }


def _keep_to_themselves(response: Response) -> Response:
    """In no cache, and in no search engine."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return keep_out_of_caches(response)
