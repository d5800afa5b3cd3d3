"""What a person sees when something cannot be shown: what happened, and what to do.

Whoever asks the API, or does not come where pages are, is software or a stranger, and gets
problem details (RFC 9457).
"""

from dataclasses import dataclass
from traceback import format_exception
from typing import Any

import structlog
from flask import Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import Forbidden, HTTPException, NotFound, ServiceUnavailable

from directory.security.rights.errors import NotAllowed
from directory.web.headers import keep_out_of_caches
from directory.web.reached import why_not_reached
from federation import explain_storage, problem

RETRY_AFTER_S = 30

_log = structlog.get_logger("web")


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
_UNAVAILABLE = ErrorPage(
    "Sorry, this node cannot do that just now",
    "It could not read or save anything. Nothing was changed.",
    "Try again in a few minutes; your browser’s Back button brings back what you typed. If it "
    "happens again, tell the people who run this node; what is wrong is in the node's own log.",
)
_STALE_FORM = ErrorPage(
    "This form could not be used",
    "It was opened before you signed in, or it did not come from this site. Nothing was changed.",
    "Go back, load the page again, and send the form once more.",
)
_FORBIDDEN = ErrorPage(
    "You may not see or do this",
    "None of your roles opens this page, or none for this authority.",
    "If you need it for your work, ask an administrator of the authority for the role. Your "
    "account page shows the roles that you have.",
)
_FAILED = ErrorPage(
    "Sorry, something went wrong on this node",
    "The page could not be made. Nothing was changed or lost.",
    "Try again in a few minutes. If it happens again, tell the people who run this node; what "
    "went wrong is in the node's own log.",
)


def not_found(_error: Exception) -> ResponseReturnValue:
    """For errors that say that there is no such thing: the page of an address where nothing is.

    To be registered with a blueprint. What such a handler raises would be an error of ours.
    """
    return current_app.handle_http_exception(NotFound())


def answer_errors(app: Flask) -> None:
    """Answer every error of an application with a page."""
    _answer_trouble(app)
    app.log_exception = _note  # type: ignore[method-assign, assignment]

    @app.errorhandler(NotAllowed)
    def _not_allowed(error: NotAllowed) -> ResponseReturnValue:
        return _answer(Forbidden(str(error)))

    @app.errorhandler(HTTPException)
    def _answer(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        if code < 400:
            return error.get_response()
        if request.path.startswith(("/api/", "/oruk/")) or why_not_reached():
            return problem(error)
        answer = Response(render_template("error.html", page=_page(error)), code)
        for name, value in error.get_headers(request.environ):
            if name.lower() in ("allow", "retry-after"):
                answer.headers[name] = value
        return keep_out_of_caches(answer)


def _note(error: Any) -> None:
    """What Flask notes of a fault, without the address: some hold what opens a page."""
    _log.error(
        "a request failed", endpoint=request.endpoint, trace="".join(format_exception(*error))
    )


def _answer_trouble(app: Flask) -> None:
    """A full disk or a locked database is no fault of the page: say so, and when to try again."""

    @app.errorhandler(DBAPIError)
    def _unavailable(error: DBAPIError) -> ResponseReturnValue:
        _log.error("a request failed", why=explain_storage(error), endpoint=request.endpoint)
        return app.handle_http_exception(ServiceUnavailable(retry_after=RETRY_AFTER_S))


def _page(error: HTTPException) -> ErrorPage:
    code = error.code or 500
    if code == 503:
        return _UNAVAILABLE
    if code >= 500:
        return _FAILED
    if isinstance(error, CSRFError):
        return _STALE_FORM
    if code == 403:
        return _FORBIDDEN
    return _NOT_FOUND if code in (404, 410) else _REFUSED
