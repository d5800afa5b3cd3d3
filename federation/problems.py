"""Errors over HTTP as problem details (RFC 9457). Never the cause inside, never what was sent."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
from flask import Response, request
from werkzeug.exceptions import HTTPException

from protocols.problems import MEDIA_TYPE, Problem, problem_of


class Refused(HTTPException):
    """A request that is answered with a kind of problem, what happened, and which fields it is in.

    Each of `errors` has a `detail` and where it is: `pointer` (into the body) or
    `parameter`. `more` are members of this kind of problem alone.
    """

    def __init__(
        self,
        kind: Problem,
        detail: str,
        errors: Sequence[Mapping[str, str]] = (),
        more: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        super().__init__(detail)
        self.code = kind.status
        self.kind = kind
        self.errors = errors
        self.more = more


def problem(error: HTTPException) -> Response:
    """An error as problem details."""
    kind = error.kind if isinstance(error, Refused) else problem_of(error.code or 500)
    details: dict[str, Any] = {"type": kind.type, "title": kind.title, "status": kind.status}
    if error.code:
        details["status"] = error.code
    if error.description and (isinstance(error, Refused) or details["status"] < 500):
        details["detail"] = error.description
    if isinstance(error, Refused):
        details |= {"errors": error.errors} if error.errors else {}
        details |= error.more
    response = Response(msgspec.json.encode(details), details["status"], content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    if kind is Problem.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    for name, value in error.get_headers(request.environ):
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response
