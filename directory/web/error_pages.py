"""What a person sees when something cannot be shown: what happened, and what to do.

Whoever does not sit at this machine is a node or a stranger, and gets problem details (RFC 9457).
"""

from dataclasses import dataclass

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from directory.web.headers import keep_out_of_caches
from directory.web.loopback import why_not_loopback
from federation import problem


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """The heading and the sentences of a page."""

    heading: str
    happened: str
    to_do: str


_NOT_FOUND = ErrorPage(
    "Page not found",
    "There is nothing at this address.",
    "If you typed it, check that it is right. If you followed a link, the page may have moved.",
)
_REFUSED = ErrorPage(
    "This request could not be read",
    "What the browser sent is not something that this page understands.",
    "Go back and try again. If you followed a link, it may be damaged.",
)
_FAILED = ErrorPage(
    "Sorry, something went wrong on this node",
    "The page could not be made. Nothing was changed or lost.",
    "Try again in a few minutes. If it happens again, tell the people who run this node; what "
    "went wrong is in the node's own log.",
)


def answer_errors(app: Flask) -> None:
    """Answer every error of an application with a page."""

    @app.errorhandler(HTTPException)
    def _answer(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        if code < 400:
            return error.get_response()
        if why_not_loopback():
            return problem(error)
        answer = Response(render_template("error.html", page=_page(code)), code)
        for name, value in error.get_headers(request.environ):
            if name.lower() == "allow":
                answer.headers[name] = value
        return keep_out_of_caches(answer)


def _page(code: int) -> ErrorPage:
    if code >= 500:
        return _FAILED
    return _NOT_FOUND if code in (404, 410) else _REFUSED
