"""From the cookie of a request to the person whose session it is."""

from urllib.parse import urlsplit

from flask import g, request

from directory.security.people import sessions
from directory.security.people.sessions import Stage, Visitor, browser_of
from directory.security.people.signing_in import Browser
from directory.security.rights.principal import NOBODY, Principal
from directory.web.visit import visit
from federation import Node, reading, writing


def identify(node: Node) -> Principal:
    """Who visits a page. Somebody half-way through signing in is nobody yet."""
    found = g.visitor = _visitor(node)
    return found.principal if found and found.session.stage is Stage.IN else NOBODY


def half_way(stage: Stage) -> str | None:
    """The id of who has come as far as a stage of signing in; None if nobody has."""
    found: Visitor | None = g.visitor
    return found.session.person if found and found.session.stage is stage else None


def own_session() -> sessions.Session:
    """The session of who is signed in; for pages that only they see."""
    found: Visitor = g.visitor
    return found.session


def browser() -> Browser:
    """From where the request comes."""
    return Browser(request.remote_addr or "", browser_of(request.user_agent.string))


def safe_path(wanted: str | None) -> str | None:
    """A path of this site to go on to; None for whatever could lead to another."""
    if not wanted or not wanted.isprintable() or "\\" in wanted:
        return None
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return None
    inside = not parts.scheme and not parts.netloc and wanted.startswith("/")
    return wanted if inside and not wanted.startswith("//") else None


def _visitor(node: Node) -> Visitor | None:
    if not visit().has_cookie:
        return None
    token, now = visit().token, node.now()
    with reading(node.node_db) as connection:
        found = sessions.visitor(connection, token, node.member.area, now)
    if found and now - found.session.used_at > sessions.NOTED_EVERY:
        with writing(node.node_db) as connection:
            sessions.note_use(connection, token, now)
    return found
