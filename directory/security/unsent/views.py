"""Keeping what was typed while somebody signs in again, and the page on which they go on with it.

A form counts only with its token, which is bound to the cookie of the session that it was shown to,
and only if that session was somebody's: nobody else can lay a form before them. What is typed to
change a password or a second factor is never kept. The handle goes into a cookie, and into no
address, which logs and histories keep.
"""

from collections.abc import Iterator
from http import HTTPStatus

from flask import (
    Blueprint,
    Response,
    abort,
    after_this_request,
    g,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect

from directory.security.people.sessions import ended_session
from directory.security.people.visiting import own_session
from directory.security.rights.table import Action
from directory.security.unsent.keeping import Unsent, drop, keep, kept_form
from directory.web.headers import keep_out_of_caches
from directory.web.visit import visit
from federation import Node, reading

SENT = "unsent"
"""The field of a form that is sent now after all."""
_OURS = frozenset({"csrf_token", SENT})
_LONGEST_NAME = 60


def unsent_pages(node: Node) -> Blueprint:
    """The page of a form that was not sent."""
    pages = Blueprint("unsent", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.get("/unsent")
    def page() -> ResponseReturnValue:
        handle = visit().handle or abort(HTTPStatus.NOT_FOUND)
        one = kept_form(node, handle, own_session().person) or abort(HTTPStatus.NOT_FOUND)
        return render_template(
            "unsent/unsent.html",
            one=one,
            shown=[(_called(name), text) for name, text in one.typed if text.strip()],
            enctype="multipart/form-data" if one.files else "application/x-www-form-urlencoded",
        )

    return pages


def keep_typed(node: Node, csrf: CSRFProtect, action: Action) -> str | None:
    """Keep the form that was sent after its session had ended; gives where to go on with it once
    they have signed in, or None if it cannot be kept.
    """
    if request.method != "POST" or action is Action.MANAGE_OWN_ACCOUNT:
        return None
    if not visit().has_cookie:
        return None
    with reading(node.node_db) as connection:
        person = ended_session(connection, visit().token, node.now())
    if person is None:
        return None
    try:
        csrf.protect()
    except CSRFError:
        return None
    form = Unsent(request.full_path.rstrip("?"), tuple(_typed()), tuple(_files()))
    if handle := keep(node, person, form):
        visit().hold(handle)
    return url_for("unsent.page") if handle else None


def drop_sent(node: Node) -> None:
    """Forget what was kept of the form that somebody sends now, once it has been answered."""
    handle = visit().handle
    if not (request.method == "POST" and g.visitor and handle and SENT in request.form):
        return

    @after_this_request
    def _forget(answer: Response) -> Response:
        if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            drop(node, handle)
            visit().hold(None)
        return answer


def _typed() -> Iterator[tuple[str, str]]:
    for name, texts in request.form.lists():
        if name not in _OURS:
            yield from ((name, text) for text in texts)


def _files() -> Iterator[str]:
    for _name, files in request.files.lists():
        yield from (file.filename for file in files if file.filename)


def _called(name: str) -> str:
    """What a field is called on the page: `given_name` is "Given name"."""
    words = name.replace("_", " ").replace("-", " ").strip()[:_LONGEST_NAME]
    return words[:1].upper() + words[1:]
