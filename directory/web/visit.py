"""The cookie of the pages: a random token, which is either a session's or nobody's.

The tokens of forms are bound to it (CSRF): to a session when there is one, and otherwise to a token
that is given out with the first form. It stands in place of Flask's own signed cookie; nothing is
kept in it, and what it opens stands in the database. Behind TLS its name begins with `__Host-`,
which no other host or path may set, and no script ever reads it.

A second cookie, for half an hour and in the same manner, holds the handle of a form that waits
until its person has signed in again: what opens it is here and nowhere else.
"""

import hashlib
import hmac
import re
import secrets
from typing import Any

from flask import Flask, Request, Response, g, session
from flask.sessions import SessionInterface, SessionMixin

_CSRF = "csrf_token"
_HANDLE_S = 30 * 60  # as long as a form waits
_TOKEN = re.compile("[A-Za-z0-9_-]{43}")


class Visit(dict[str, Any], SessionMixin):
    """What a request came with: a token, what forms' tokens are compared with, and the `handle` of
    a form that waits, if any does.
    """

    def __init__(self, token: str | None, handle: str | None = None) -> None:
        super().__init__()
        self.has_cookie = token is not None
        self.is_renewed = False
        self.handle = handle
        self.has_another_handle = False
        self._carry(token or _new())

    def renew(self, token: str) -> None:
        """From now on the cookie holds another token; forms that were shown before are refused."""
        self._carry(token)
        self.is_renewed = True
        g.pop(_CSRF, None)

    def forget(self) -> None:
        """The cookie's token opens nothing any more, and no form waits."""
        self.renew(_new())
        self.hold(None)

    def hold(self, handle: str | None) -> None:
        """From now on this form waits, or none."""
        self.has_another_handle = handle != self.handle
        self.handle = handle

    def _carry(self, token: str) -> None:
        self.token = token
        self[_CSRF] = hmac.digest(token.encode(), b"forms", hashlib.sha256).hex()


class VisitCookie(SessionInterface):
    """Reads and sends both cookies. Nodes on one machine have cookies of their own, by name."""

    def __init__(self, node: str, *, secure: bool) -> None:
        self.name = f"{'__Host-' if secure else ''}hearth-{node}"
        self._handle_name = f"{self.name}-unsent"
        self._secure = secure

    def open_session(self, app: Flask, request: Request) -> Visit:
        """The visit of a request."""
        return Visit(_read(request, self.name), _read(request, self._handle_name))

    def save_session(self, app: Flask, visit: SessionMixin, response: Response) -> None:
        """Send a cookie where it changed, or where a form was shown to who has none."""
        if not isinstance(visit, Visit):
            return
        if visit.is_renewed or (_CSRF in g and not visit.has_cookie):
            response.set_cookie(
                self.name, visit.token, secure=self._secure, httponly=True, samesite="Lax"
            )
        if visit.has_another_handle:
            response.set_cookie(
                self._handle_name,
                visit.handle or "",
                max_age=_HANDLE_S if visit.handle else 0,
                secure=self._secure,
                httponly=True,
                samesite="Lax",
            )


def visit() -> Visit:
    """The visit of the current request."""
    current = session._get_current_object()  # type: ignore[attr-defined]
    if not isinstance(current, Visit):
        raise TypeError("this application has another kind of session")
    return current


def _read(request: Request, name: str) -> str | None:
    text = request.cookies.get(name, "")
    return text if _TOKEN.fullmatch(text) else None


def _new() -> str:
    return secrets.token_urlsafe(32)
